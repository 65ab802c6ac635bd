"""The formats, specified by hand-made reports."""
