"""One small input of every format, from which the others are made."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

TABLES = {
    "cases": (
        "case_id,nta_filed_date,nta_issued_date,enrolled_date,component,location,nationality,"
        "representation_date,docket\n"
        "A1,2019-03-01,2019-02-27,2019-02-27,USBP,El Paso,Honduras,,mpp\n"
        "A2,5/20/2019,,2019-05-18,OFO,San Ysidro,Guatemala,2019-06-30,\n"
        'A3,,2019-07-01,2019-07-01,USBP,"Rio, Grande",México,,mpp\n'
        "A4,2020-02-29 08:30:00,,,U.S. Border Patrol,Yuma,Cuba,,mpp\n"
        "N1,2019-02-11,,,USBP,El Paso,Ecuador,,non_detained\n"
    ),
    "completions": (
        "case_id,completion_date,outcome,completion_type,in_absentia,reopened_date\n"
        "A1,2019-09-10,removal_ordered,initial,true,2019-12-01\n"
        "A1,2020-03-02,relief_granted,subsequent,false,\n"
        "A2,2019-10-01,change_of_venue,,,\n"
        "A4,2020-06-01T10:00:00.5,Voluntary Departure,,no,\n"
        "N1,2020-01-15,terminated,,,\n"
    ),
    "grants": (
        "case_id,granted_date,relief_type\nA1,2020-03-02,asylum\nA2,2020-04-01,cat-deferral\n"
    ),
    "referrals": (
        "case_id,referred_date,outcome,outcome_date\n"
        "A2,2019-06-03,negative,2019-06-05\nA2,2019-08-03,positive,2019-08-09\nA3,2019-07-03,,\n"
    ),
    "encounters": (
        "fiscal_year,month,component,encounters,region\n"
        "2020,OCT,USBP,35400,\n2020,OCT,OFO,9700.0,southwest\n2020,NOV,USBP,33510,\n"
        "2020,NOV,OFO,9130,\n2020 (FYTD),DEC,USBP,32850,Southwest Land Border\n"
        "2020,12,OFO,7780,\n2020,DEC,OFO,5,Northern Land Border\n"
    ),
}

_CBP = (
    "Fiscal Year,Month Grouping,Month (abbv),Component,Land Border Region,Area of Responsibility,"
    "AOR (Abbv),Demographic,Citizenship,Title of Authority,Encounter Type,Encounter Count\n"
    + "".join(
        f"2020,FYTD,{month},{component},{region},El Paso Sector,ELP,FMUA,CUBA,Title {title},"
        f"Apprehensions,{count}\n"
        for month, component, region, title, count in (
            ("OCT", "U.S. Border Patrol", "Southwest Land Border", 8, 35400),
            ("OCT", "Office of Field Operations", "Southwest Land Border", 8, 9700),
            ("NOV", "U.S. Border Patrol", "Southwest Land Border", 42, 33510),
            ("NOV", "U.S. Border Patrol", "Northern Land Border", 8, 210),
            ("NOV", "Office of Field Operations", "Southwest Land Border", 8, 9130),
        )
    )
)

_PUBLISHED = (
    "as_of,measure,value,source\n"
    "2020-12-31,total_enrolled,68039,DHS\n2020-12-31,cases_completed,44014,DHS\n"
    "2020-12-31,relief_granted,531,DHS\n2020-09-30,total_enrolled,65000,DHS\n"
)

_WIDE = (
    "A-Number Hash;Sector;NTA Filed;IJ Decision Date;Decision\n"
    "h1;ELP;31.03.2019;10.09.2019;RMV\nh2;SDC;20.05.2019;;\nh3;ELP;;01.02.2020;TRM\n"
)

_MAPPING = """
[tables]
date-format = "DD.MM.YYYY"
delimiter = ";"

[tables.cases.columns]
case_id = "A-Number Hash"
location = "Sector"
nta_filed_date = "NTA Filed"

[tables.completions.columns]
completion_date = "IJ Decision Date"
outcome = "Decision"

[tables.completions.codes.outcome]
RMV = "removal_ordered"
TRM = "terminated"
"""

_RELEASE = {
    "A_TblCaseIdentifier.csv": (
        "IDNCASEID\tIDNCASE\tCASE_ID\n501\t11\tMP\n502\t12\tRM \n503\t12\tMP\n504\t13\tXX\n"
    ),
    "B_TblProceeding.csv": (
        "IDNPROCEEDING\tIDNCASE\tOSC_DATE\tINPUT_DATE\tBASE_CITY_CODE\tHEARING_LOC_CODE\tDEC_CODE\t"
        "OTHER_COMP\tCOMP_DATE\tABSENTIA\tCUSTODY\tCASE_TYPE\tNAT\n"
        "1\t11\t2019-03-01 00:00:00.000\t2019-03-05 00:00:00.000\tELP\tMPL\tX\t\t"
        "2019-09-10 00:00:00.000\tY\tN\tRMV\tHO\n"
        "2\t11\t2019-03-01 00:00:00.000\t2019-12-01 00:00:00.000\tELP\tMPL\tR\t\t"
        "2020-03-02 00:00:00.000\tN\tN\tRMV \tHO\n"
        "3\t12\t2019-05-20 00:00:00.000\t\tSNO\tMPB\t\tC\t2019-10-01 00:00:00.000\t\tN\tRMV\tGT\n"
        "4\t12\t\t2019-10-02 00:00:00.000\tHOU\tHOU\tE\t\t2020-10-02 00:00:00.000\t\0\tR\tRMV\t??\n"
        "5\t13\t2018-01-01 00:00:00.000\t2018-01-02 00:00:00.000\tMIA\tMIA\t\t\t\t\tD\tRMV\tCU\n"
    ),
    "tbl_Court_Appln.csv": (
        "IDNPROCEEDINGAPPLN\tIDNPROCEEDING\tIDNCASE\tAPPL_CODE\tAPPL_RECD_DATE\tAPPL_DEC\n"
        "91\t2\t11\tASYL\t2019-11-01 00:00:00.000\tG\n92\t4\t12\tWCAT\t\tD\n"
    ),
    "A_TblCase.csv": (
        "IDNCASE\tNAT\tCUSTODY\tE_28_DATE\tCASE_TYPE\n11\tHO\tN\t2019-04-01 00:00:00.000\tRMV\n"
        "12\tGT\tN\t\tRMV\n13\tCU\tD\t\tRMV\n"
    ),
    "Lookup/tblLookupCourtDecision.csv": (
        "idnCourtDecision\tstrCaseType\tstrDecCode\tstrDecDescription\tstrDecType\tblnActive\n"
        "1\tRMV\tX\tRemove\tC\t1\n2\tRMV\tR\tRelief Granted\tC\t1\n"
        "3\tRMV\tE\tRemove-INA Withholding Granted\tC\t1\n4\tRMV\tC\tChange of Venue\tO\t1\n"
    ),
    "Count.txt": "B_TblProceeding\t5\nA_TblCase\t3\n",
}

Files = dict[str, bytes]


@dataclass(frozen=True)
class Seed:
    """The files of one input, how to look inside one of them, and what may be asked of them.

    ``packed`` makes a file from its content, where it is a container: then
    the content is changed in half of the inputs and the container in the others.
    """

    name: str
    files: Files
    packed: Callable[[bytes], bytes] | None = None
    contents: tuple[bytes, ...] = ()
    refusal: tuple[int, ...] = (3,)
    mapped: bool = False


def seeds() -> tuple[Seed, ...]:
    """Every format that mpp reads."""
    tables = {f"{name}.csv": text.encode() for name, text in TABLES.items()}
    tabs = {f"{name}.tsv": text.replace(",", "\t").encode() for name, text in TABLES.items()}
    texts = tuple(text.encode() for text in TABLES.values())
    cases = TABLES["cases"].encode()
    release = {name: text.encode("cp1252") for name, text in _RELEASE.items()}
    return (
        Seed("csv", tables),
        Seed("tsv", tabs),
        Seed("utf-16", {"cases.csv": TABLES["cases"].encode("utf-16")}),
        Seed("gzip", {"cases.csv.gz": gzip.compress(cases, mtime=0)}, gzip.compress, (cases,)),
        Seed("zip", {"export.zip": _zip(tables)}, _zipped, texts),
        Seed("parquet", {"cases.parquet": _parquet(TABLES["cases"])}),
        Seed("xlsx", {"export.xlsx": _workbook(_SHEETS)}, _resheeted, (_SHEETS,)),
        Seed("cbp", {"cbp.csv": _CBP.encode()}),
        Seed("aggregates", {"totals.csv": _PUBLISHED.encode()}),
        Seed("mapping", {"wide.csv": _WIDE.encode()}, mapped=True),
        Seed("mpp.toml", {"mpp.toml": _MAPPING.encode()}, refusal=(2, 3), mapped=True),
        Seed("court", release),
    )


def beside(seed: Seed) -> Mapping[str, bytes]:
    """The files of a mapped input that are not the one that changes."""
    if not seed.mapped:
        return {}
    both = {"wide.csv": _WIDE.encode(), "mpp.toml": _MAPPING.encode()}
    return {name: content for name, content in both.items() if name not in seed.files}


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2021, 1, 5, 0, 0, 0)), content)
    return out.getvalue()


def _zipped(content: bytes) -> bytes:
    """An archive of one member, called after the table that the content began as."""
    return _zip({"cases.csv": TABLES["cases"].encode(), "changed.csv": content})


def _parquet(text: str) -> bytes:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "cases.csv"), Path(folder, "cases.parquet")
        source.write_text(text, encoding="utf-8")
        with duckdb.connect(":memory:") as connection:
            connection.execute(
                f"COPY (SELECT * FROM read_csv('{source}', all_varchar=true)) "
                f"TO '{target}' (FORMAT parquet)"
            )
        return target.read_bytes()


def _workbook(sheets: bytes) -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "cases"
    for line in sheets.decode().splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


_SHEETS = (
    b"case_id,nta_filed_date,component\nA1,2019-03-01,USBP\nA2,2019-05-20,OFO\nA3,,USBP\n"
    b"A4,2020-02-29,USBP\n"
)


def _resheeted(content: bytes) -> bytes:
    """The workbook with the XML of its sheet changed: the content is what is put in its middle."""
    source = zipfile.ZipFile(io.BytesIO(_workbook(_SHEETS)))
    members = {name: source.read(name) for name in source.namelist()}
    name = "xl/worksheets/sheet1.xml"
    half = len(members[name]) // 2
    members[name] = members[name][:half] + content + members[name][half + len(content) :]
    return _zip(members)
