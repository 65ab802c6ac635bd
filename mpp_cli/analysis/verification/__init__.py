"""A saved report, computed again and compared."""
