"""Lists of published figures that others keep."""
