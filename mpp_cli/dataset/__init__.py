"""Loaded data: rows validated against each other, every file balanced, one history row per case."""
