"""Answers as pages: sequences of blocks that every writer draws in its way."""
