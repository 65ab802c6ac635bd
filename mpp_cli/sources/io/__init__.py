"""Bytes: files, archives, streams, hashes."""
