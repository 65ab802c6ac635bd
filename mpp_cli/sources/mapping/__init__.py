"""An agency's own headings, codes and dates, read as mpp's tables.

``mpp.toml`` declares the mapping (``declared``), ``admission`` finds the files
that it is about, and a ``view`` of a file is what one table sees of it: the
same rows, with the table's columns in place of the file's. What the reader of a
table does with them is the same as for any other file.
"""
