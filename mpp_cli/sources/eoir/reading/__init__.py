"""The tab-separated files of a court release as blocks of rows."""
