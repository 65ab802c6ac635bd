"""Which table a file is, by its header."""
