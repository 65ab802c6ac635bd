"""EOIR's case data: the immigration courts' monthly release, read into mpp's event tables.

A release is found by :mod:`release`, each of its files is read in blocks by
:mod:`reading` (:mod:`sift` tells on a whole block which lines matter, :mod:`trim`
finds their fields, :mod:`repair` puts shifted rows back). Of the small tables
:mod:`columns` makes typed columns for the engine, in which the rules of
:mod:`cohort`, :mod:`relief` and :mod:`counsel` are applied. Proceedings may be
tens of millions: :mod:`rows` makes whole numbers of them (:mod:`codes`),
:mod:`buckets` deals them out by case, :mod:`fold` applies the rules of
:mod:`meanings` to all cases of a bucket at once, :mod:`casework` accounts for
every row, and :mod:`handover` gives the engine what was made of them.
:mod:`importing` is the order of it all. :mod:`stored` writes the result and
reads it again.
"""
