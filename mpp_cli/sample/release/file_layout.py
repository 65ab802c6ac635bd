"""The files of a synthetic release: their columns in the court's order, and rows as text."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

COLUMNS: dict[str, tuple[str, ...]] = {
    "A_TblCaseIdentifier": ("IDNCASEID", "IDNCASE", "CASE_ID"),
    "B_TblProceeding": tuple(
        "IDNPROCEEDING IDNCASE OSC_DATE INPUT_DATE BASE_CITY_CODE HEARING_LOC_CODE IJ_CODE "
        "TRANS_IN_DATE PREV_HEARING_LOC PREV_HEARING_BASE PREV_IJ_CODE TRANS_NBR HEARING_DATE "
        "HEARING_TIME DEC_TYPE DEC_CODE DEPORTED_1 DEPORTED_2 OTHER_COMP APPEAL_RSVD "
        "APPEAL_NOT_FILED COMP_DATE ABSENTIA VENUE_CHG_GRANTED TRANSFER_TO DATE_APPEAL_DUE_STATUS "
        "TRANSFER_STATUS CUSTODY CASE_TYPE NAT LANG SCHEDULED_HEAR_LOC CORRECTIONAL_FAC CRIM_IND "
        "IHP AGGRAVATE_FELON DATE_DETAINED DATE_RELEASED".split()
    ),
    "tbl_Court_Appln": tuple(
        "IDNPROCEEDINGAPPLN IDNPROCEEDING IDNCASE APPL_CODE APPL_RECD_DATE APPL_DEC".split()
    ),
    "A_TblCase": tuple(
        "IDNCASE ALIEN_CITY ALIEN_STATE ALIEN_ZIPCODE UPDATED_ZIPCODE UPDATED_CITY NAT LANG "
        "CUSTODY SITE_TYPE E_28_DATE ATTY_NBR CASE_TYPE UPDATE_SITE LATEST_HEARING LATEST_TIME "
        "LATEST_CAL_TYPE UP_BOND_DATE UP_BOND_RSN CORRECTIONAL_FAC RELEASE_MONTH RELEASE_YEAR "
        "INMATE_HOUSING DATE_OF_ENTRY C_ASY_TYPE C_BIRTHDATE C_RELEASE_DATE UPDATED_STATE "
        "ADDRESS_CHANGEDON ZBOND_MRG_FLAG Sex DATE_DETAINED DATE_RELEASED LPR DETENTION_DATE "
        "DETENTION_LOCATION DCO_LOCATION DETENTION_FACILITY_TYPE CASEPRIORITY_CODE".split()
    ),
    "tblLookupCourtDecision": tuple(
        "idnCourtDecision strCaseType strDecCode strDecDescription strDecType "
        "strFinalDisposition blnActive datCreatedOn datModifiedOn".split()
    ),
    "tblLookupHloc": ("HEARING_LOC_CODE", "HEARING_LOC_NAME"),
    "tblLookupAlienNat": ("NAT_CODE", "NAT_NAME"),
}

Row = Mapping[str, str]


def day(date: datetime.date | None) -> str:
    """A date as the court's database writes it; blank for none."""
    return f"{date} 00:00:00.000" if date else ""


def fields(table: str, row: Row) -> list[str]:
    """The fields of a row in the file's order; columns that it lacks are blank."""
    return [row.get(name, "") for name in COLUMNS[table]]


def line(table: str, row: Row, end: str = "\r\n") -> bytes:
    """A row as a line of the file."""
    return ("\t".join(fields(table, row)) + end).encode("cp1252")
