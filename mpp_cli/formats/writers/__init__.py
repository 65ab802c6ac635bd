"""Pages and rows as text, HTML, workbooks, charts, CSV and JSON."""
