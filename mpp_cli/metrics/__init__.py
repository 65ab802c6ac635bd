"""Counts, ratios, durations and groups of one query, computed in one pass."""
