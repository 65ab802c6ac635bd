"""EOIR's case data: the immigration courts' monthly release, read into mpp's event tables.

A release is found by :mod:`release`, each of its files is read in blocks by
:mod:`reading` (:mod:`sift` tells on a whole block which lines matter, :mod:`typical`
where their fields stand, :mod:`trim` and :mod:`columns` make typed columns of those,
:mod:`repair` puts shifted rows back), and :mod:`importing` takes the steps in order.
The rows of :mod:`proceedings` are whole numbers (:mod:`rows`, :mod:`codes`), dealt
out by case (:mod:`buckets`), and :mod:`casework` makes cases and completions of them:
:mod:`meanings` says what the codes mean, :mod:`fold` applies the rules,
:mod:`handover` gives the result to the engine, where :mod:`cohort`, :mod:`relief` and
:mod:`counsel` do the rest. :mod:`ledger` keeps the account of every row,
:mod:`remarks` and :mod:`notes` say what a reader should know. :mod:`stored` writes
the result and reads it again, :mod:`elsewhere` does the whole for an engine that does
not work on this machine.
"""
