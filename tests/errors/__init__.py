"""Every error that mpp can raise: a reproducer, its exact words, and a line in docs/errors.md.

The folder ``catalogue`` is the one source. The tests run each entry, the page
is generated from the same entries, and the source code is searched for errors
that no entry reaches.
"""
