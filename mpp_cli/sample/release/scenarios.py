"""What can happen to an MPP case before the courts, and what is then to be counted.

A story writes the proceedings and applications of one case and says what is
true of it. The shares are roughly those of the real docket: most orders are in
absentia, relief is rare, and what is hard to count is there at least once.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from mpp_cli.sample.release.expected import CaseTruth
from mpp_cli.sample.release.file_layout import day

Day = datetime.date

MPP_PLACES = ("MPB", "MPL", "ENP", "SYP", "CIX", "OPP", "TUM")
_FIRST, _LAST = Day(2019, 1, 29), Day(2020, 6, 30)
_NATIONS = ("HO", "GT", "EC", "ES", "CU", "NU", "VE", "NA", "??")


@dataclass
class Case:
    """One case while its story is told: its rows, and what is true of it."""

    truth: CaseTruth
    chance: random.Random
    next_proceeding: Callable[[], int]
    proceedings: list[dict[str, str]] = field(default_factory=list)
    #: What a proceeding was before it was corrected, by its number: rows that stand earlier.
    earlier: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    applications: list[dict[str, str]] = field(default_factory=list)
    appearances: list[Day] = field(default_factory=list)
    located: bool = True
    unknown: list[str] = field(default_factory=list)
    undated: int = 0

    def __post_init__(self) -> None:
        span = (_LAST - _FIRST).days
        self.start = _FIRST + datetime.timedelta(days=self.chance.randrange(span))
        self.place = self.chance.choice(MPP_PLACES)
        self.nation = self.chance.choice(_NATIONS)

    def after(self, least: int, most: int) -> Day:
        """A day so many days after the case began."""
        return self.start + datetime.timedelta(days=self.chance.randint(least, most))

    def proceeding(self, filed: Day | None, completed: Day | None = None, **more: str) -> int:
        """Add a proceeding of removal; its number."""
        number = self.next_proceeding()
        row = {
            "IDNPROCEEDING": str(number),
            "IDNCASE": str(self.truth.case),
            "OSC_DATE": day(self.start),
            "INPUT_DATE": day(filed),
            "BASE_CITY_CODE": "SND",
            "HEARING_LOC_CODE": self.place,
            "IJ_CODE": "XYZ",
            "HEARING_DATE": day(self.after(20, 60)),
            "HEARING_TIME": "0830",
            "COMP_DATE": day(completed),
            "CUSTODY": "N",
            "CASE_TYPE": "RMV",
            "NAT": self.nation,
            "LANG": "SP",
            "AGGRAVATE_FELON": "0",
        }
        self.proceedings.append(row | more)
        return number

    def correct(self, number: int, **values: str) -> None:
        """Write a proceeding down again with other values: the last row of a number stands."""
        row = next(row for row in self.proceedings if row["IDNPROCEEDING"] == str(number))
        self.earlier.setdefault(str(number), []).append({**row})
        row.update(values)

    def application(self, proceeding: int, code: str, decision: str) -> None:
        """Add an application for relief in a proceeding."""
        self.applications.append(
            {
                "IDNPROCEEDING": str(proceeding),
                "IDNCASE": str(self.truth.case),
                "APPL_CODE": code,
                "APPL_RECD_DATE": day(self.start),
                "APPL_DEC": decision,
            }
        )

    def filed(self) -> Day:
        """The day on which the NTA is filed, which makes the case enrolled."""
        self.truth.filed = self.truth.filed or self.after(0, 12)
        return self.truth.filed

    def completed(self, outcome: str, in_absentia: bool | None = False) -> Day:
        """The day of the initial completion."""
        self.truth.outcome, self.truth.in_absentia = outcome, in_absentia
        self.truth.completed = self.after(40, 300)
        return self.truth.completed

    def decided(self, code: str, outcome: str, **more: str) -> int:
        """One proceeding that ends with a decision."""
        return self.proceeding(
            self.filed(), self.completed(outcome), DEC_CODE=code, DEC_TYPE="O", ABSENTIA="N", **more
        )


def in_absentia(case: Case) -> None:
    """Ordered removed in absentia: what happened to most."""
    filed = case.filed()
    ended = case.completed("removal_ordered", True)
    case.proceeding(filed, ended, DEC_CODE="X", DEC_TYPE="O", ABSENTIA="Y")


def removed(case: Case) -> None:
    """Ordered removed, with an application denied."""
    case.application(case.decided("X", "removal_ordered"), "ASYL", "D")


def terminated(case: Case) -> None:
    """Proceedings terminated."""
    case.decided("T", "terminated")


def pending(case: Case) -> None:
    """No decision yet."""
    case.application(case.proceeding(case.filed()), "ASYL", "")


def asylum(case: Case) -> None:
    """Asylum; the application is listed again in a later proceeding, after a motion."""
    number = case.decided("R", "relief_granted")
    case.application(number, "ASYL", "G")
    case.truth.relief = case.truth.completed
    later = case.after(400, 420)
    case.application(
        case.proceeding(case.after(350, 360), later, DEC_CODE="R", DEC_TYPE="O"), "ASYL", "G"
    )


def withholding_by_decision(case: Case) -> None:
    """Withholding of removal comes with a removal order, and counts as relief."""
    case.decided("E", "removal_ordered")
    case.truth.relief = case.truth.completed


def withholding_by_application(case: Case) -> None:
    """The decision says only "Remove"; the application says that withholding was granted."""
    case.application(case.decided("X", "removal_ordered"), "ASYW", "G")
    case.truth.relief = case.truth.completed


def cat_withholding(case: Case) -> None:
    """Withholding under the Convention Against Torture, by a decision letter of its own."""
    case.application(case.decided("X", "removal_ordered"), "WCAT", "L")
    case.truth.relief = case.truth.completed


def cat_deferral(case: Case) -> None:
    """Deferral under the Convention is no relief in the document's words."""
    case.decided("G", "removal_ordered")


def deferral_by_both(case: Case) -> None:
    """There is no code of application for deferral: the decision is the better witness."""
    case.application(case.decided("G", "removal_ordered"), "WCAT", "L")


def other_relief(case: Case) -> None:
    """Cancellation of removal: relief of another kind."""
    case.decided("Q", "relief_granted")


def relief_of_unknown_kind(case: Case) -> None:
    """Relief was granted, and the row of the application is lost."""
    case.application(case.decided("R", "relief_granted"), "ASYL", "")
    case.truth.unknown_relief = case.truth.completed


def reversed_on_remand(case: Case) -> None:
    """Asylum granted, and denied by the decision after the remand: the grant still counts."""
    case.application(case.decided("R", "relief_granted"), "ASYL", "G")
    case.truth.relief = case.truth.completed
    case.truth.reversed = case.after(400, 500)
    number = case.proceeding(
        case.after(350, 360), case.truth.reversed, DEC_CODE="X", DEC_TYPE="O", ABSENTIA="N"
    )
    case.application(number, "ASYL", "D")


def granted_before_a_move(case: Case) -> None:
    """The application is listed where the venue was changed, which decides nothing."""
    number = case.proceeding(case.filed(), case.after(20, 35), OTHER_COMP="C")
    case.application(number, "ASYL", "G")
    case.truth.relief = case.completed("relief_granted")
    case.proceeding(case.after(36, 39), case.truth.relief, DEC_CODE="R", DEC_TYPE="O", ABSENTIA="N")


def moved_inland(case: Case) -> None:
    """A change of venue ends the first proceeding and is no completion."""
    case.proceeding(case.filed(), case.after(30, 60), OTHER_COMP="C")
    ended = case.completed("removal_ordered")
    case.proceeding(
        case.after(61, 70), ended, DEC_CODE="X", DEC_TYPE="O", HEARING_LOC_CODE="NYC", ABSENTIA="N"
    )


def transferred(case: Case) -> None:
    """A transfer is no completion; the case is still pending."""
    case.proceeding(case.filed(), case.after(30, 60), OTHER_COMP="T")
    case.proceeding(case.after(61, 70), HEARING_LOC_CODE="LOS")


def zero_bond(case: Case) -> None:
    """X in OTHER_COMP is a zero bond, not "Remove"."""
    case.proceeding(case.filed(), case.after(30, 60), OTHER_COMP="X")


def to_the_board(case: Case) -> None:
    """Jurisdiction transferred to the Board of Immigration Appeals is no completion."""
    case.proceeding(case.filed(), case.after(30, 60), OTHER_COMP="J")


def closed(case: Case) -> None:
    """Administratively closed: no initial completion by default."""
    case.proceeding(case.filed(), case.after(30, 200), OTHER_COMP=case.chance.choice("AKY"))


def not_prosecuted(case: Case) -> None:
    """Failure to prosecute: the government did not file in time."""
    case.proceeding(case.filed(), case.after(30, 60), OTHER_COMP="F")


def both_codes(case: Case) -> None:
    """With both codes the decision decides."""
    case.decided("X", "removal_ordered", OTHER_COMP="T")


def reopened(case: Case) -> None:
    """Completed, reopened and completed again: the first completion counts."""
    case.decided("X", "removal_ordered")
    case.proceeding(case.after(350, 360), case.after(400, 500), DEC_CODE="T", DEC_TYPE="O")


def corrected(case: Case) -> None:
    """The proceeding stands in the file twice: with a wrong day and decision first."""
    wrong = case.after(2, 30)
    number = case.decided("X", "removal_ordered")
    right = {"COMP_DATE": day(case.truth.completed), "DEC_CODE": "X"}
    case.proceedings[-1] |= {"COMP_DATE": day(wrong), "DEC_CODE": "T"}
    case.correct(number, **right)


def issued_first(case: Case) -> None:
    """The first proceeding has no INPUT_DATE: its own OSC_DATE stands for it, no later one."""
    case.truth.filed = case.start
    case.proceeding(None, case.after(20, 35), OTHER_COMP="T")
    case.proceeding(case.after(200, 230))


def only_issued(case: Case) -> None:
    """No INPUT_DATE at all: the day on which the NTA was issued stands for it."""
    case.truth.filed = case.start
    case.proceeding(None)


def other_case_type(case: Case) -> None:
    """No removal proceeding: not enrolled, whatever was decided."""
    case.proceeding(case.after(0, 5), case.after(30, 60), CASE_TYPE="WHO", DEC_CODE="G")


def unknown_code(case: Case) -> None:
    """A decision that no lookup knows, in lower case, is no completion."""
    case.proceeding(case.filed(), case.after(30, 60), DEC_CODE="x", ABSENTIA="N")
    case.unknown.append("RMV x")


def not_a_decision(case: Case) -> None:
    """A decision code that the lookup knows only among other completions is none."""
    case.proceeding(case.filed(), case.after(30, 60), DEC_CODE="K")


def undated_grant(case: Case) -> None:
    """A granted application whose proceeding is not there: no date, no grant."""
    case.proceeding(case.filed())
    case.application(case.next_proceeding(), "ASYL", "F")
    case.undated += 1


def never_at_the_border(case: Case) -> None:
    """An identifier without any hearing at an MPP place."""
    case.located = False
    case.proceeding(case.filed(), HEARING_LOC_CODE="HOU")


def no_rows(case: Case) -> None:
    """An identifier without any proceeding: a case that is not enrolled."""
    case.located = False


#: Each story and its weight.
STORIES: tuple[tuple[Callable[[Case], None], int], ...] = (
    (in_absentia, 3900),
    (removed, 900),
    (terminated, 1200),
    (pending, 2300),
    (asylum, 50),
    (withholding_by_decision, 10),
    (withholding_by_application, 10),
    (cat_withholding, 8),
    (cat_deferral, 6),
    (deferral_by_both, 4),
    (other_relief, 4),
    (relief_of_unknown_kind, 6),
    (reversed_on_remand, 6),
    (granted_before_a_move, 6),
    (moved_inland, 500),
    (transferred, 300),
    (zero_bond, 20),
    (to_the_board, 4),
    (closed, 150),
    (not_prosecuted, 120),
    (both_codes, 10),
    (reopened, 150),
    (corrected, 20),
    (issued_first, 200),
    (only_issued, 30),
    (other_case_type, 20),
    (unknown_code, 2),
    (not_a_decision, 2),
    (undated_grant, 5),
    (never_at_the_border, 200),
    (no_rows, 10),
)


def tell(case: Case, number: int) -> None:
    """Tell a story of the case: each once, then by their weights; and maybe of its counsel."""
    stories = [story for story, _ in STORIES]
    if number < len(stories):
        stories[number](case)
    else:
        case.chance.choices(stories, [weight for _, weight in STORIES])[0](case)
    if number % 14 == 3:
        case.appearances = [case.after(60, 90), case.after(10, 50)]
        case.truth.counsel = min(case.appearances)
