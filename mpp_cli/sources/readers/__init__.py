"""Files as blocks of rows: text, Parquet, workbooks."""
