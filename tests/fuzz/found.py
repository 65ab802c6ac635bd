"""Inputs that once broke something, each with the command that met it."""

from __future__ import annotations

#: Name: the file, its bytes, and what did not hold of it.
FOUND: dict[str, tuple[str, bytes, str]] = {
    "blank-lines-before-the-header": (
        "totals.csv",
        b"\n" * 2_000_000 + b"as_of,measure,value\n2020-12-31,total_enrolled,68039\n",
        "no end in time: each line was cut off the rest of the file by copying it",
    ),
    "cbp-without-fiscal-year": (
        "cbp.csv",
        b"Riscal Year,Month Grouping,Month (abbv),Component,Land Border Region,Encounter Count\n"
        b"2020,FYTD,OCT,U.S. Border Patrol,Southwest Land Border,5\n",
        "a traceback: a CBP file was known by its other columns, and its rows had no year",
    ),
    "directory-of-nonsense": (
        "export.zip",
        b"PK\x03\x04" + bytes(60) + b"PK\x05\x06\0\0\0\0\1\0\1\0\x2e\0\0\0\4\0\0\0\0\0",
        "a traceback: the end of the archive was in order, its directory was not",
    ),
    "a-header-of-ten-thousand": (
        "encounters.csv",
        b"fiscal_year,month,component,encounters,"
        + b",".join(b"c%d" % number for number in range(10_000))
        + b"\n2020,OCT,USBP,5"
        + b",1" * 10_000
        + b"\n",
        "exit code 70: rows were compared by more columns than memory holds",
    ),
}

#: The same of a court release: the file that is broken, and what is put at its end.
FOUND_IN_COURT: dict[str, tuple[str, bytes, str]] = {
    "odd-lines-by-the-million": (
        "B_TblProceeding.csv",
        b"\n" * 2_500_000,
        "more than 1 GB: each odd line became an object before the first was judged",
    ),
    "a-count-of-quotes": (
        "Count.txt",
        b"\nA_" + b'"' * 5_000_000,
        "no end in time: an expression tried every way to part the quotes",
    ),
}
