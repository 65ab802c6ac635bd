"""Proceedings folded into cases."""
