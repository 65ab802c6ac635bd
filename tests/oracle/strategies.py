"""Hypothesis strategies for whole folders of dirty tables.

A cell is drawn as the very text that stands in the file, quotes and padding included, by one
choice from a list whose first entries are the plainest: so drawing is cheap and examples shrink
to plain tables. A lone surrogate U+DC80 to U+DCFF stands for one stray byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from .tables import OPTIONAL, REQUIRED

Cells = dict[str, st.SearchStrategy[str]]

AS_OF = [
    date(2020, 12, 31),
    date(2020, 9, 30),
    date(2020, 2, 29),
    date(2019, 10, 1),
    date(2020, 12, 30),
    date(2021, 1, 1),
]
PADDING = [" ", "\t", "\u00a0", "  ", "\u3000", "\udca0"]

ODD_CASE_IDS = [
    " A1",
    "A2\t",
    "\u00a0A3",
    '"A1"',
    '" A2 "',
    "a1",
    "A 5",
    '"A,6"',
    '"A""7"',
    '"A\n8"',
    '"A\r\n8"',
    'A"9"',
    "Ñ1",
    "\udcd11",
    "NA",
    "0",
    "00",
    "",
    " ",
    '""',
    '"\u00a0"',
]
TIMES = [
    *(" 00:00:00", "T23:59:59", " 99:99:99", "T10:00:00.5", " 10:00:00.123456789"),
    *(" 0:00", " 00:00", " 12:00:00 AM", " 1:05 pm", "T1:05p.m.", " 11:59:59.997 P.M."),
    *("T00:00:00Z", "T00:00:00.000-05:00", " 00:00 UTC", "T1:00+0530", " 0:00 -06", "T00:00 Z"),
    " 10:00:00,1234567890123",
]
NOT_TIMES = [
    *(" 10", " 10:0", " 100:00", "T10:00:0", "  10:00:00", "t10:00:00", "Z", " Z", "T", " T10:00"),
    *(" 10:00  AM", " 10:00 A.M", " 10:00 XM", "T10:00z", " 10:00 utc", " 10:00 EST"),
    *(" 10:00 +5", " 10:00+05:0", " 10:00:00:00", " at 10:00", " 10.00"),
]
NOT_DATES = [
    *("2020-02-30", "2021-02-29", "2020-13-01", "31/12/2020", "0/1/2020", "2020-1-5", "1/5/20"),
    *("20201231", "２０２０-12-31", "0000-01-01", "+2020-12-31", "43830", "2020/12/31"),
    *("2020\u201112\u201131", "2020-12-31\udcff", "31-12-2020", "31.12.2020"),
    *("NA", "N/A", "NULL", "null", "-"),
    *("9-Sept-2020", "31-Dez-2020", "31-Dec 2020", "31 Dec-2020", "31-Dec-20", "31/Dec/2020"),
    *("31  Dec 2020", "31--Dec-2020", "31Dec2020", "Dec-31-2020", "31-Decembre-2020"),
    *("30-Feb-2020", "0-Dec-2020", "32-Dec-2020", "031-Dec-2020", "31-Dec-0000"),
    *("2020-Dec-31", '"December 31, 2020"', "31\u00a0Dec\u00a02020"),
]
#: What a column holds whose dates have the day first: some can be nothing else, some can.
DAY_FIRST = ["13/02/2020", "31/12/2020", "03/02/2020", "1/12/2020", "01/10/2019 0:00", ""]
ONE_MONTH_FIRST = [*DAY_FIRST, "12/31/2020"]
OUTCOMES = ["relief_granted", "removal_ordered", "terminated", ""] * 3 + [
    "Removal Ordered",
    "VOLUNTARY-DEPARTURE",
    " withdrawn ",
    "dismissed",
    "other",
    "administratively_closed",
    "Administratively Closed",
    "failure_to_prosecute",
    "failure to-prosecute",
    "change_of_venue",
    "CHANGE OF VENUE",
    "transferred",
    '"transferred"',
]
UNKNOWN = ["unknown", "NA", "mpp2", "removal  ordered", "?", "initial_", "é", '"a,b"']
COUNTS = ["1", "10", "0", "9584.0", '"9,584"'] * 3 + [
    *("007", "3.000", '"12"', " 5 ", "999999999999999999", "0000000000000000000000012"),
    *('"1,000"', '" 12,345.00"', '"1,234,567"', '"012,345"', '"0,001"'),
]
NOT_COUNTS = [
    *("-1", "+1", "1e3", "1.5", "5.", ".0", "", "NA", "X", "1 000", "1'000", "٣", "0x10"),
    *("1000000000000000000", '"1,000,000,000,000,000,000"'),
    *('"1,00"', '"1,0000"', '"1000,000"', '",100"', '"1,000,"', '"1,,000"', '"1, 000"'),
    *('"1,000.5"', '"1.000,0"', "1\u00a0000"),
]
#: What a column of counts holds that has points between thousands.
POINTED = ["1.404", "9.000", "12.345", "512", "1.000"]
BOOLEANS = ["true", "false", "", "T", "f", "YES", "no", "Y", "n", "1", "0", '"True"', " t "]
NATIONALITIES = ["HO", "GT", "CU", ""] * 3 + ["NA", " HO ", "ho", '"EL, S"', "??", "Ñ", "\udcd1"]
FREE_TEXT = ["", "x", "NA", '"a,b"', '"say ""hi"""', 'say "hi"', '"two\nlines"', "=1+1", "ñ"]
SOUTHWEST = ["southwest", "", "Southwest Land Border", "SOUTHWEST-BORDER", " southwest "]
OTHER_REGIONS = ["Northern Land Border", "northern", "Other", "NA", "south west"]

# Headers may be written in any case, padded, quoted, and with spaces or hyphens.
# Every run of white space is one underscore.
HEADER_STYLES: list[Callable[[str], str]] = [
    str,
    str,
    str.upper,
    lambda name: name.replace("_", " ").title(),
    lambda name: name.replace("_", "-"),
    lambda name: f'"{name}"',
    lambda name: f" {name}\t",
    lambda name: f"\u00a0{name}",
    lambda name: '"' + name.replace("_", "\n").title() + '"',
    lambda name: '"' + name.replace("_", "\r\n ").upper() + '"',
    lambda name: name.replace("_", "  "),
    lambda name: name.replace("_", "\u00a0"),
    lambda name: name.title().replace("_", " - "),
    lambda name: name.replace("_", "\t\u3000"),
]

TITLES = [
    *(
        "Cases as of 12/31/2020",
        "",
        " , ,",
        '"U.S. Customs, Border Protection"',
        "FOR OFFICIAL USE",
    ),
    *('Table 1,,"see note"', "case id and date:", '"broken" quotes', "\udce9t\udce9", ",,12"),
]
TOTALS = [
    "Total",
    "TOTALS",
    "Grand Total",
    "subtotal:",
    " Sub-total",
    '"Sub total"',
    "grand totals:",
]
NOT_TOTALS = ["Total of all", "Grand  Total", "Sum", "totally", "Total."]


@dataclass(frozen=True)
class Folder:
    """A drawn folder of files, and the as-of date to ask about."""

    as_of: date
    files: Mapping[str, bytes]


def choose(plain: list[str], odd: list[str], weight: int = 25) -> st.SearchStrategy[str]:
    """Choose from the plain list, which stands first, `weight` times as often as from the odd."""
    return st.sampled_from(plain * (weight * len(odd) // len(plain) + 1) + odd)


def dates(as_of: date) -> tuple[list[str], list[str]]:
    """Return readable dates on and beside the as-of date, and texts that are no dates."""
    near = [as_of + timedelta(days=n) for n in (0, -1, 1, -40, 40, -200, -366)]
    plain = [day.isoformat() for day in near]
    slashed = [f"{day.month}/{day.day}/{day.year}" for day in near[:3]]
    slashed += [f"{day.month:02}/{day.day:02}/{day.year}" for day in near[:3]]
    words = [near[0].strftime("%d-%b-%Y"), near[1].strftime("%d %B %Y").upper()]
    words += [f"{near[2].day}-{near[2]:%b-%Y}".lower(), f"{near[3].day} {near[3]:%B %Y}"]
    words += [f"{near[4].day}-{near[4]:%B-%Y}", "29-FEB-2020", "1 may 2020"]
    days = plain[:3] + slashed + words[:5]
    timed = [f'"{days[i % len(days)]}{time}"' for i, time in enumerate(TIMES)]
    untimed = [f'"{days[i % len(days)]}{time}"' for i, time in enumerate(NOT_TIMES)]
    padded = [f" {plain[0]} ", f'"{plain[1]}"', f'"\u00a0{plain[2]}"', "2020-02-29", "2/29/2020"]
    edge = ["2019-01-24", "2019-01-25", "1900-01-01", "9999-12-31", "0001-01-01"]
    return plain * 5 + slashed * 2 + words * 2 + timed + padded + edge, NOT_DATES + untimed


def months(as_of: date) -> tuple[list[str], list[str]]:
    """Return months near the as-of date in every spelling, and texts that are no months."""
    names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    here = as_of.month
    near = [here, here % 12 + 1, (here - 2) % 12 + 1, 10, 9]
    plain = [names[month - 1] for month in near] + [str(month) for month in near]
    spelled = [names[here - 1].lower(), names[here - 1].title(), f" {here:02}", f'"{here}"', "01"]
    full = [date(2020, month, 1).strftime("%B") for month in near]
    spelled += [full[0], full[1].upper(), full[2].lower(), f" {full[3]} ", "September", "may"]
    odd = ["", "0", "13", "00", "001", "1.0", "SEPT", "Sept.", "Octo", "NA", "-1", "１", "Jänner"]
    odd += ["OCT-20", "October 2020", "2020-10"]
    return plain + spelled, odd


def cells_of(table: str, as_of: date) -> Cells:
    """Return a strategy for each column of a table."""
    plain, odd = dates(as_of)
    case_id = choose(["A1", "A2", "A3", "A4"], ODD_CASE_IDS, 8)
    required_date = choose(plain, [*odd, "", " "])
    optional_date = choose([*plain, "", "", ""], odd, 12)
    free = st.sampled_from(FREE_TEXT)
    components = ["USBP", "OFO", "usbp", "U.S. Border Patrol", "office-of-field operations", " OFO"]
    if table == "cases":
        return {
            "case_id": case_id,
            "nta_filed_date": choose([*plain, *plain, "", " "], odd, 12),
            "nta_issued_date": optional_date,
            "enrolled_date": optional_date,
            "component": choose([*components, ""], UNKNOWN),
            "location": free,
            "hearing_location": free,
            "nationality": st.sampled_from(NATIONALITIES),
            "demographic": free,
            "representation_date": optional_date,
            "docket": choose(
                ["mpp", "", "MPP", "mpp", "non_detained", "Non-Detained", "detained", '"mpp "'],
                UNKNOWN,
            ),
        }
    if table == "completions":
        return {
            "case_id": case_id,
            "completion_date": required_date,
            "outcome": choose(OUTCOMES, UNKNOWN),
            "completion_type": choose(
                ["", "initial", "subsequent", "INITIAL", " Subsequent"], UNKNOWN
            ),
            "in_absentia": choose(BOOLEANS, [*UNKNOWN, "2", "ja"]),
            "reopened_date": optional_date,
        }
    if table == "grants":
        kinds = ["asylum", "statutory_withholding", "cat_withholding", "cat_deferral", "other"]
        kinds.append("unknown")
        spelled = ["ASYLUM", "CAT Withholding", "statutory-withholding", '" other "']
        return {
            "case_id": case_id,
            "granted_date": required_date,
            "relief_type": choose(kinds + spelled, ["", *UNKNOWN]),
        }
    if table == "referrals":
        return {
            "case_id": case_id,
            "referred_date": required_date,
            "outcome": choose(["", "positive", "Negative", " closed", "PENDING"], UNKNOWN),
            "outcome_date": optional_date,
        }
    year = as_of.year + (as_of.month >= 10)
    years = [str(year), str(year - 1), str(year + 1), f"{year} (FYTD)", f'" {year}"']
    return {
        "fiscal_year": choose(years, ["", "20", "FY2020", "2020.0", "0000", "NA", "２０２０"]),
        "month": choose(*months(as_of)),
        "component": choose(components, ["", *UNKNOWN]),
        "encounters": choose(COUNTS, NOT_COUNTS),
        "title_of_authority": st.sampled_from(["Title 8", "Title 42", "", "title 8"]),
        "demographic": free,
        "citizenship": st.sampled_from(NATIONALITIES),
        "region": choose(SOUTHWEST, OTHER_REGIONS),
    }


ROW_FAULTS = [
    "copy",
    "copy-padded",
    "same-start",
    "drop-last",
    "extra-blank",
    "extra-text",
    "stray-byte",
    "latin-byte",
    "unclosed-quote",
    "text-after-quote",
    "odd-quote",
    "space-before-quote",
    "even-quotes",
    "lone-return",
    "blank-line",
    "blank-fields",
    "quoted-blank",
    "total",
    "total-and-no-more",
    "nearly-total",
]


def damage(fault: str, cells: list[str], earlier: list[list[str]], where: int) -> list[str]:
    """Return the cells of a row with one fault; `where` picks the cell or the earlier row."""
    at = where % len(cells)
    other = earlier[where % len(earlier)] if earlier else cells
    before, cell, after = cells[:at], cells[at], cells[at + 1 :]
    match fault:
        case "copy":
            return other
        case "copy-padded":
            pad = PADDING[where % len(PADDING)]
            return [c if c.startswith('"') else f"{pad}{c}{pad}" for c in other]
        case "same-start":
            return other[:at] + cells[at:]
        case "drop-last":
            return cells[:-1] or cells
        case "extra-blank":
            return [*cells, "", " "]
        case "extra-text":
            return [*cells, "", "x"]
        case "stray-byte":
            return [*before, f"{cell}\udc81", *after]
        case "latin-byte":
            return [*before, f"\udce9{cell}", *after]
        case "unclosed-quote":
            return [*before, f'"{cell}', *after]
        case "text-after-quote":
            return [*before, '"bad" x', *after]
        case "odd-quote":
            return [*before, f'5"{cell}', *after]
        case "space-before-quote":
            return [*before, f' "{cell}"', *after]
        case "even-quotes":
            return [*before, f'{cell}""', *after]
        case "lone-return":
            return [*before, f"{cell}\rx", *after]
        case "blank-line":
            return [""]
        case "blank-fields":
            return [" "] * (len(cells) + 1)
        case "total":
            return [TOTALS[where % len(TOTALS)], *cells[1:]]
        case "total-and-no-more":
            return [TOTALS[where % len(TOTALS)], "12"]
        case "nearly-total":
            return [NOT_TOTALS[where % len(NOT_TOTALS)], *cells[1:]]
        case _:
            return ['""', '"\n"', '" "']


def assemble(
    header: list[str],
    rows: list[list[str]],
    ends: list[str],
    bom: bool,
    last_end: bool,
    stray: bool,
    titles: list[str],
) -> bytes:
    """Join the texts to the bytes of a file; line ends are used in turn.

    Where stray bytes are not wanted, each becomes the character of its number.
    """
    lines = [*titles, *(",".join(cells) for cells in [header, *rows])]
    text = "".join(line + ends[n % len(ends)] for n, line in enumerate(lines))
    if not last_end:
        text = text.removesuffix(ends[(len(lines) - 1) % len(ends)])
    if not stray:
        text = text.translate({0xDC00 + n: chr(n) for n in range(128, 256)})
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode("utf-8", "surrogateescape")


@st.composite
def table_files(draw: st.DrawFn, table: str, as_of: date, name: str) -> dict[str, bytes]:
    """Draw the one or two files of a table, with the same columns in their own order."""
    cells = cells_of(table, as_of)
    some = st.sets(st.sampled_from(OPTIONAL[table] or ["-"]), max_size=3)
    dropped = draw(st.one_of(*[st.just(set())] * 2, some))
    if table == "cases":
        dropped -= draw(st.sampled_from([{"nta_filed_date", "nationality"}, {"nationality"}]))
    columns = [c for c in REQUIRED[table] + OPTIONAL[table] if c not in dropped]
    if draw(st.sampled_from([False] * 60 + [True])):
        columns.remove(draw(st.sampled_from(REQUIRED[table])))
    if draw(st.sampled_from([True, True, False])) or not columns:
        columns.append("group_code" if table == "cases" else "remark")
        cells[columns[-1]] = st.sampled_from(["", "g1", "G1", " g1", "NA", '"g,2"'])
    least = 2 if table == "cases" and draw(st.sampled_from([False, True, True])) else 0
    # A name that says nothing of the table: its columns have to.
    names = [draw(st.sampled_from([f"{name}.csv"] * 9 + [f"own_{name}.csv"]))]
    if draw(st.sampled_from([False] * 8 + [True])):
        names.append(f"{name}_second.csv")
    return {name: draw(file_bytes(columns, cells, least)) for name in names}


#: What may be the matter with a file as a whole.
ODDITIES = [
    *["nameless", "repeated", "empty", "blank-first"],
    *["nameless-last", "titles"] * 5,
    *["day-first", "nearly-day-first", "pointed"] * 2,
]


@st.composite
def file_bytes(draw: st.DrawFn, columns: list[str], cells: Cells, least: int) -> bytes:
    """Draw the bytes of one file with these columns."""
    if draw(st.sampled_from([True, False])):
        columns = draw(st.permutations(columns))
    style = st.integers(0, len(HEADER_STYLES) - 1)
    styles = draw(st.one_of(st.just([0]), st.lists(style, min_size=1, max_size=3)))
    header = [HEADER_STYLES[styles[n % len(styles)]](name) for n, name in enumerate(columns)]
    oddity = draw(st.sampled_from([None] * 80 + ODDITIES))
    titles: list[str] = []
    if oddity == "nameless":
        cells = {**cells, "": st.sampled_from(["", " ", "x"])}
        columns = [*columns[:1], "", *columns[1:]]
        header = [*header[:1], " ", *header[1:]]
    elif oddity == "nameless-last":
        header += draw(st.sampled_from([[""], [" ", '""'], ["\u00a0"] * 3]))
    elif oddity == "repeated":
        header[-1] = header[0]
    elif oddity == "titles":
        titles = draw(st.lists(st.sampled_from(TITLES), min_size=1, max_size=4))
    elif oddity in ("day-first", "nearly-day-first"):
        dated = [name for name in columns if name.endswith("_date")] or columns[:1]
        texts = DAY_FIRST if oddity == "day-first" else ONE_MONTH_FIRST
        cells = {**cells, draw(st.sampled_from(dated)): st.sampled_from(texts)}
    elif oddity == "pointed" and "encounters" in columns:
        cells = {**cells, "encounters": st.sampled_from(POINTED)}
    row = st.tuples(*(cells[name] for name in columns)).map(list)
    fault = st.tuples(st.sampled_from(ROW_FAULTS), st.integers(0, 15))
    faults = st.one_of(*[st.just([])] * 3, st.lists(fault, min_size=1, max_size=2))
    rows: list[list[str]] = []
    for plain, wrongs in draw(st.lists(st.tuples(row, faults), min_size=least, max_size=7)):
        damaged = plain
        for kind, where in wrongs:
            damaged = damage(kind, damaged, rows, where)
        rows.append(damaged)
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"]]))
    bom = draw(st.sampled_from([False, False, True]))
    if oddity == "empty":
        return b"\xef\xbb\xbf" if bom else b""
    stray = draw(st.sampled_from([False, False, True]))
    data = assemble(header, rows, ends, bom, draw(st.booleans()), stray, titles)
    return b"\n , \n" + data if oddity == "blank-first" and not bom else data


#: What stands beside the tables in people's folders, and is none.
SIDE_LISTS = {
    "a_notes.csv": b"Case ID,Remarks\nA1,called\nA2,no phone\n",
    "by_month.csv": b"Fiscal Year,Month,Total\n2020,DEC,7\n",
    "grants_of_funds.csv": b"case_id,amount\nA1,10\n",
    "hashes.csv": b"file,sha1\ncases.csv,d41d8cd9\n",
}


@st.composite
def folders(draw: st.DrawFn) -> Folder:
    """Draw a folder that holds at least one of the five tables."""
    as_of = draw(st.sampled_from(AS_OF))
    present = draw(
        st.one_of(
            *[st.just(list(REQUIRED))] * 4,
            st.just(["cases", "completions"]),
            st.lists(st.sampled_from(list(REQUIRED)), min_size=1, unique=True),
        )
    )
    files: dict[str, bytes] = {}
    for table in present:
        files.update(draw(table_files(table, as_of, table)))
    files.update(draw(st.sampled_from([{}] * 8 + [dict([each]) for each in SIDE_LISTS.items()])))
    return Folder(as_of, files)
