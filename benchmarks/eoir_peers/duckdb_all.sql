-- All cases of a release into Parquet, as somebody would write it by hand.
-- The columns are those of `mpp import eoir --compare-dockets`, and so are the
-- rules, but for corrections, and for what is granted before a move or granted again;
-- nothing is repaired, set aside or counted. FOLDER and OUT are replaced.
SET memory_limit = '4GB';
SET preserve_insertion_order = false;

CREATE MACRO day(text) AS try_cast(left(trim(text), 10) AS DATE);
CREATE MACRO number(text) AS try_cast(trim(text) AS BIGINT);
CREATE MACRO code(text) AS nullif(trim(text), '');
CREATE MACRO file(path) AS TABLE SELECT * FROM read_csv(path, delim = '\t', quote = '',
    escape = '', header = true, all_varchar = true, ignore_errors = true, strict_mode = false);

CREATE TABLE cohort AS
SELECT number(IDNCASE) AS idncase, CASE WHEN min(trim(CASE_ID)) = max(trim(CASE_ID))
    THEN min(trim(CASE_ID)) ELSE 'MP RM' END AS identifier
FROM file('FOLDER/A_TblCaseIdentifier.csv')
WHERE trim(CASE_ID) IN ('MP', 'RM') AND number(IDNCASE) IS NOT NULL GROUP BY 1;

CREATE TABLE decisions AS
SELECT DISTINCT ON (case_type, dec_code) trim(strCaseType) AS case_type,
    trim(strDecCode) AS dec_code, lower(trim(strDecDescription)) AS words
FROM file('FOLDER/Lookup/tblLookupCourtDecision.csv')
WHERE trim(strDecType) = 'C' ORDER BY 1, 2, blnActive DESC;

CREATE TABLE proceedings AS
SELECT number(IDNPROCEEDING) AS idnproceeding, number(IDNCASE) AS idncase,
    day(OSC_DATE) AS osc_date, day(INPUT_DATE) AS input_date, day(COMP_DATE) AS comp_date,
    code(DEC_CODE) AS dec_code, code(OTHER_COMP) AS other_comp, code(ABSENTIA) AS absentia,
    code(CUSTODY) AS custody, code(CASE_TYPE) AS case_type,
    code(HEARING_LOC_CODE) AS hearing_location, code(NAT) AS nationality
FROM file('FOLDER/B_TblProceeding.csv')
WHERE trim(CASE_TYPE) = 'RMV' AND number(IDNCASE) IS NOT NULL;

CREATE TABLE applications AS
SELECT number(IDNPROCEEDING) AS idnproceeding, number(IDNCASE) AS idncase,
    trim(APPL_CODE) AS code, trim(APPL_DEC) AS decision
FROM file('FOLDER/tbl_Court_Appln.csv')
WHERE number(IDNCASE) IN (SELECT idncase FROM cohort);

CREATE TABLE counsel AS
SELECT number(IDNCASE) AS idncase, min(day(E_28_DATE)) AS representation_date
FROM file('FOLDER/A_TblCase.csv')
WHERE number(IDNCASE) IN (SELECT idncase FROM cohort) GROUP BY 1;

COPY (
    SELECT CAST(coalesce(c.idncase, d.idncase) AS VARCHAR) AS case_id, d.nta_filed_date,
        d.nta_issued_date, d.hearing_location, d.nationality, r.representation_date,
        CASE WHEN c.idncase IS NOT NULL THEN 'mpp' WHEN d.custody = 'D' THEN 'detained'
            ELSE 'non_detained' END AS docket, c.identifier
    FROM (SELECT idncase, min(coalesce(input_date, osc_date)) AS nta_filed_date,
            min(osc_date) AS nta_issued_date,
            arg_min(hearing_location, idnproceeding) AS hearing_location,
            arg_min(nationality, idnproceeding) AS nationality,
            arg_min(custody, idnproceeding) FILTER (WHERE custody IN ('D', 'N', 'R')) AS custody
        FROM proceedings GROUP BY idncase) d
    FULL JOIN cohort c ON c.idncase = d.idncase
    LEFT JOIN counsel r ON r.idncase = c.idncase
    WHERE c.idncase IS NOT NULL OR d.custody IS NOT NULL
) TO 'OUT/cases.parquet' (FORMAT parquet, COMPRESSION zstd);

CREATE TABLE completions AS
SELECT * FROM (
    SELECT p.idnproceeding, p.idncase, p.comp_date, p.absentia, d.words, CASE
        WHEN p.dec_code IS NOT NULL THEN CASE
            WHEN d.words LIKE 'remove%' THEN 'removal_ordered'
            WHEN regexp_matches(d.words, '^(relief granted|(conditional |final )?grant)')
                THEN 'relief_granted'
            WHEN d.words LIKE 'voluntary departure%' THEN 'voluntary_departure'
            WHEN d.words LIKE 'terminat%' THEN 'terminated'
            WHEN d.words LIKE 'prosecutorial discretion - terminated%' THEN 'terminated'
            WHEN d.words LIKE 'dismissed%' THEN 'dismissed'
            WHEN d.words LIKE 'withdraw%' THEN 'withdrawn'
            WHEN d.words IS NOT NULL THEN 'other' END
        WHEN p.other_comp IN ('C', 'T', 'X', 'J') THEN NULL
        WHEN p.other_comp = 'F' THEN 'failure_to_prosecute'
        WHEN p.other_comp IS NOT NULL THEN 'administratively_closed' END AS outcome
    FROM proceedings p
    LEFT JOIN decisions d ON d.case_type = p.case_type AND d.dec_code = p.dec_code
    WHERE p.comp_date IS NOT NULL)
WHERE outcome IS NOT NULL;

COPY (
    SELECT CAST(e.idncase AS VARCHAR) AS case_id, e.comp_date AS completion_date, e.outcome,
        CASE WHEN e.place = 1 AND e.able THEN 'initial' END AS completion_type,
        e.absentia = 'Y' AS in_absentia, n.reopened_date
    FROM (SELECT *, row_number() OVER (PARTITION BY idncase, able
            ORDER BY comp_date, idnproceeding) AS place
        FROM (SELECT *, outcome NOT IN ('administratively_closed', 'failure_to_prosecute') AS able
            FROM completions) o) e
    LEFT JOIN (SELECT idncase, idnproceeding, lead(input_date) OVER (PARTITION BY idncase
        ORDER BY idnproceeding) AS reopened_date FROM proceedings) n USING (idncase, idnproceeding)
) TO 'OUT/completions.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT CAST(idncase AS VARCHAR) AS case_id, kind AS relief_type, min(day) AS granted_date
    FROM (SELECT a.idncase, CASE a.code WHEN 'ASYL' THEN 'asylum'
                WHEN 'ASYW' THEN 'statutory_withholding'
                WHEN 'WCAT' THEN CASE WHEN d.words LIKE '%cat deferral%' THEN 'cat_deferral'
                    ELSE 'cat_withholding' END ELSE 'other' END AS kind, p.comp_date AS day
        FROM applications a JOIN proceedings p USING (idncase, idnproceeding)
        LEFT JOIN completions d USING (idncase, idnproceeding)
        WHERE a.decision IN ('F', 'G', 'C', 'I', 'P') AND a.code NOT IN ('VD', 'WD', 'WDL', 'PRMF')
            OR a.code = 'WCAT' AND a.decision = 'L'
        UNION ALL SELECT idncase, CASE WHEN words LIKE '%ina withholding%'
                THEN 'statutory_withholding' WHEN words LIKE '%cat withholding%'
                THEN 'cat_withholding' WHEN words LIKE '%cat deferral%' THEN 'cat_deferral'
                WHEN words LIKE '%grant of eoir 42%' THEN 'other' ELSE 'unknown' END, comp_date
        FROM completions c WHERE words LIKE '%withholding%' OR words LIKE '%cat deferral%'
            OR words LIKE '%grant of eoir 42%' OR outcome = 'relief_granted' AND NOT EXISTS (
                SELECT 1 FROM applications a WHERE a.idncase = c.idncase
                AND a.idnproceeding = c.idnproceeding AND (a.decision IN ('F', 'G', 'C', 'I', 'P')
                    OR a.code = 'WCAT' AND a.decision = 'L'))) g
    WHERE day IS NOT NULL GROUP BY 1, 2
) TO 'OUT/grants.parquet' (FORMAT parquet, COMPRESSION zstd);
