-- The cohort's cases, as somebody would count them by hand. FOLDER is replaced.
SET memory_limit = '4GB';

CREATE MACRO file(path) AS TABLE SELECT * FROM read_csv(path, delim = '\t', quote = '',
    escape = '', header = true, all_varchar = true, ignore_errors = true, strict_mode = false);

CREATE TABLE cohort AS SELECT DISTINCT IDNCASE FROM file('FOLDER/A_TblCaseIdentifier.csv')
WHERE trim(CASE_ID) IN ('MP', 'RM');

CREATE TABLE proceedings AS
SELECT IDNPROCEEDING, IDNCASE, OSC_DATE, INPUT_DATE, COMP_DATE, DEC_CODE, OTHER_COMP, ABSENTIA,
    CUSTODY, CASE_TYPE, NAT, HEARING_LOC_CODE
FROM file('FOLDER/B_TblProceeding.csv') WHERE IDNCASE IN (SELECT IDNCASE FROM cohort);

CREATE TABLE applications AS
SELECT IDNPROCEEDING, IDNCASE, APPL_CODE, APPL_DEC
FROM file('FOLDER/tbl_Court_Appln.csv') WHERE IDNCASE IN (SELECT IDNCASE FROM cohort);

CREATE TABLE counsel AS
SELECT IDNCASE, E_28_DATE
FROM file('FOLDER/A_TblCase.csv') WHERE IDNCASE IN (SELECT IDNCASE FROM cohort);

SELECT count(DISTINCT IDNCASE), count(DISTINCT CASE WHEN COMP_DATE <> '' AND DEC_CODE <> ''
    THEN IDNCASE END), (SELECT count(*) FROM applications), (SELECT count(*) FROM counsel)
FROM proceedings WHERE trim(CASE_TYPE) = 'RMV';
