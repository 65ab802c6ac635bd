"""Errors, periods, signals, scratch folders, the version: the ground, which imports nothing."""
