"""The document's five counts as one query somebody would write for DuckDB: FOLDER ENDING DATE."""

import sys

import duckdb

folder, ending, day = sys.argv[1:]
SQL = f"""
WITH mpp AS (
    SELECT case_id, nta_filed_date FROM '{folder}/cases.{ending}'
    WHERE coalesce(nullif(docket, ''), 'mpp') = 'mpp'
), enrolled AS (
    SELECT case_id FROM mpp WHERE nta_filed_date <= DATE '{day}'
), completed AS (
    SELECT DISTINCT case_id FROM '{folder}/completions.{ending}'
    WHERE completion_date <= DATE '{day}' AND coalesce(completion_type, '') <> 'subsequent'
        AND coalesce(outcome, '') NOT IN (
            'change_of_venue', 'transferred', 'administratively_closed', 'failure_to_prosecute')
), relieved AS (
    SELECT DISTINCT case_id FROM '{folder}/grants.{ending}'
    WHERE granted_date <= DATE '{day}'
        AND relief_type IN ('asylum', 'statutory_withholding', 'cat_withholding')
), referred AS (
    SELECT DISTINCT case_id FROM '{folder}/referrals.{ending}' WHERE referred_date <= DATE '{day}'
)
SELECT (SELECT count(*) FROM enrolled),
    (SELECT count(*) FROM enrolled SEMI JOIN completed USING (case_id)),
    (SELECT count(*) FROM enrolled SEMI JOIN relieved USING (case_id)),
    (SELECT count(*) FROM mpp SEMI JOIN referred USING (case_id)),
    (SELECT sum(encounters)::BIGINT FROM '{folder}/encounters.{ending}'
     WHERE fiscal_year = year(DATE '{day}' + INTERVAL 3 MONTH)
        AND last_day(make_date(fiscal_year - (month >= 10)::INT, month, 1)) <= DATE '{day}')
"""
print(*duckdb.sql(SQL).fetchall()[0])
