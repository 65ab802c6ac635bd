"""EOIR's case data: the immigration courts' monthly release, read into mpp's event tables.

A release is found by :mod:`release`, each of its files is read in blocks by
:mod:`reading` (:mod:`sift` tells on a whole block which lines matter, :mod:`trim`
and :mod:`columns` make typed columns of those, :mod:`repair` puts shifted rows
back), and :mod:`importing` applies the rules of :mod:`cohort`,
:mod:`proceedings`, :mod:`relief` and :mod:`counsel` in the engine. :mod:`store`
writes the result and reads it again.
"""
