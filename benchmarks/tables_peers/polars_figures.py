"""The document's five counts as somebody would write them in Polars: FOLDER ENDING DATE."""

import sys
from datetime import date

import polars as pl

folder, ending, text = sys.argv[1:]
day = date.fromisoformat(text)


def table(name: str) -> pl.LazyFrame:
    """One table, not read before it is asked."""
    path = f"{folder}/{name}.{ending}"
    return pl.scan_parquet(path) if ending == "parquet" else pl.scan_csv(path, try_parse_dates=True)


no_completion = ["change_of_venue", "transferred", "administratively_closed"]
no_completion.append("failure_to_prosecute")
relief = ["asylum", "statutory_withholding", "cat_withholding"]
mpp = table("cases").filter(pl.col("docket").fill_null("mpp") == "mpp")
enrolled = mpp.filter(pl.col("nta_filed_date") <= day).select("case_id")
completed = table("completions").filter(
    pl.col("completion_date") <= day,
    pl.col("completion_type").fill_null("") != "subsequent",
    ~pl.col("outcome").fill_null("").is_in(no_completion),
)
relieved = table("grants").filter(
    pl.col("granted_date") <= day, pl.col("relief_type").is_in(relief)
)
referred = table("referrals").filter(pl.col("referred_date") <= day)
year = day.year + (day.month >= 10)
first = pl.date(pl.col("fiscal_year") - (pl.col("month") >= 10).cast(pl.Int32), pl.col("month"), 1)
encounters = table("encounters").filter(pl.col("fiscal_year") == year, first.dt.month_end() <= day)


def among(whole: pl.LazyFrame, part: pl.LazyFrame) -> pl.LazyFrame:
    """How many of the whole have a row in the part."""
    return whole.join(part.select("case_id"), on="case_id", how="semi").select(pl.len())


answers = pl.collect_all(
    [
        enrolled.select(pl.len()),
        among(enrolled, completed),
        among(enrolled, relieved),
        among(mpp, referred),
        encounters.select(pl.col("encounters").sum()),
    ],
    engine="streaming",
)
print(*(each.item() for each in answers))
