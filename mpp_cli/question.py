"""What is asked: as of when, for whom, broken down by what."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mpp_cli import conditions
from mpp_cli.errors import UnavailableError, UsageError, did_you_mean, nearest
from mpp_cli.periods import EVENT, LABELS, TIMES
from mpp_cli.sources import values
from mpp_cli.sources.dataset import Dataset
from mpp_cli.sources.schema import AGGREGATES
from mpp_cli.sources.values import heading_key

#: The most groups that a breakdown may have.
MOST_GROUPS = 1000


#: What says that a word is meant as a column of cases, though it is a time of the event, too.
CASES = "cases."


@dataclass(frozen=True)
class Question:
    """A question to the data; ``as_of`` None means the day the case data end.

    ``unsplit`` are conditions with several ``=`` in them: where the column ends can only
    be told by the columns of the data (:func:`asked`). ``matched`` is how the data spell
    the values of conditions, see :mod:`mpp_cli.conditions`.
    """

    as_of: datetime.date | None = None
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    measure: str | None = None
    unsplit: tuple[str, ...] = ()
    matched: conditions.Matched = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """Columns of the data that the question names, or may name."""
        by = {column_of(name) for name in self.by if name not in LABELS}
        maybe = {name for text in self.unsplit for name, _ in _splits(text)}
        return by | {*self.where} | maybe


def column_of(name: str) -> str:
    """The column of cases that a name of ``--by`` stands for: ``cases.month`` is month."""
    column = name.removeprefix(CASES)
    return column if column in TIMES else name


def ask(
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
) -> Question:
    """A question from what a user wrote; UsageError for what cannot be read."""
    split, unsplit = _where(where)
    return Question(day(as_of, "--as-of"), _by(by), split, measure, unsplit)


def asked(
    dataset: Dataset,
    *,
    as_of: str | datetime.date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | Sequence[str] = (),
    measure: str | None = None,
) -> Question:
    """A question to these data: what only their columns can tell is told.

    A condition names the longest column before one of its ``=``; its value is the one
    that the data spell so, whatever its case. UsageError for a time that is a column of
    cases, too: it must be said which of them is meant.
    """
    question = ask(as_of=as_of, by=by, where=where, measure=measure)
    held = {column for each in dataset.files for column in each.header}
    held |= {name for each in dataset.settled for table in each.tables.values() for name in table}
    found = dict(question.where)
    for text in question.unsplit:
        splits = [*_splits(text)]
        name, value = next((each for each in splits if each[0] in held), splits[-1])
        _add_condition(found, name, value)
    of_cases = {name for each in dataset.of("cases") for name in each.header}
    of_cases |= {name for each in dataset.settled for name in each.tables.get("cases", ())}
    for name in question.by:
        if name in TIMES and name in of_cases:
            raise UsageError(
                f"--by {name} can mean the {name} of the event or the column {name} of cases",
                hint=f"write {EVENT}{name} for the time of the event, or {CASES}{name} for "
                "the column",
            )
    return asked_again(dataset, replace(question, where=found, unsplit=()))


def asked_again(dataset: Dataset, question: Question) -> Question:
    """The same question to other data, which may spell the values of its conditions otherwise."""
    return replace(question, matched=conditions.matched(dataset, question.where))


def day(text: str | datetime.date | None, option: str) -> datetime.date | None:
    """The day that a user wrote for an option; UsageError, which names it, for no date."""
    if text is None or isinstance(text, datetime.date):
        return text
    days = values.date(text.strip())
    if days is None:
        raise UsageError(
            f'unreadable date "{text}" in {option}', hint="dates are YYYY-MM-DD or M/D/YYYY"
        )
    return values.from_days(days)


def _by(names: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(heading_key(name) for name in names))
    if "case_id" in wanted:
        raise UsageError(
            "case_id is not a breakdown: a report never names cases",
            hint="`--by` takes any other column of cases, or " + ", ".join(TIMES),
        )
    return wanted


def _where(
    given: Mapping[str, str] | Sequence[str],
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The conditions by column, and those of which the column cannot be told yet."""
    found: dict[str, str] = {}
    if isinstance(given, Mapping):
        for column, value in given.items():
            _add_condition(found, heading_key(column), value.strip())
        return found, ()
    unsplit = []
    for condition in given:
        splits = [*_splits(condition)]
        if not splits:
            raise UsageError(
                f'"{condition}" is not a condition',
                hint="--where takes COLUMN=VALUE, such as component=USBP",
            )
        if len(splits) > 1:
            unsplit.append(condition)
        else:
            _add_condition(found, *splits[0])
    return found, tuple(unsplit)


def _splits(condition: str) -> Iterator[tuple[str, str]]:
    """Every column that a condition may mean, with its value; the longest column first."""
    for place in reversed([place for place, sign in enumerate(condition) if sign == "="]):
        name = heading_key(condition[:place])
        if name:
            yield name, condition[place + 1 :].strip()


def _add_condition(found: dict[str, str], name: str, value: str) -> None:
    if name == "case_id":
        raise UsageError("case_id is not a condition: a report never singles out a case")
    if name in found:
        raise UsageError(f"--where names {name} twice", hint="give one value for each column")
    found[name] = value


def check_question(question: Question, dataset: Dataset, tables: Sequence[str]) -> None:
    """Refuse a column that none of these tables has, and a value that none of their rows has.

    Raises UsageError, suggesting the nearest name.
    """
    check_columns(question, dataset, tables)
    conditions.refuse_unmet(question.where, [(dataset, question.matched)], tables)


def check_columns(
    question: Question, dataset: Dataset, tables: Sequence[str], of: str = ""
) -> None:
    """Refuse a column that none of these tables has, suggesting the nearest.

    ``of`` says of several releases which one this is.
    """
    no_breakdown = ("case_id", "encounters", "as_of", "measure", "value", "source")
    known = [name for each in tables for name in dataset.columns(each) if name not in no_breakdown]
    no_tables = {*tables} <= {AGGREGATES} and not dataset.has("cases")
    only_published = no_tables and dataset.has(AGGREGATES)
    for option, names in (("--by", question.by), ("--where", tuple(question.where))):
        for name in names:
            if unread := dataset.unread.of(f"{each}.{column_of(name)}" for each in tables):
                raise UnavailableError(f"{option} {name}: {unread}")
            if name in known or (option == "--by" and name in LABELS):
                continue
            if option == "--by" and column_of(name) in dataset.columns("cases"):
                continue
            for each in tables:
                why = dataset.why_lacking(each, name)
                if why:
                    raise UsageError(f"{option}: there is no {name}: {why}")
                lacking = dataset.lacking(each, name)
                if lacking and any(name in account.header for account in dataset.of(each)):
                    raise UsageError(f"{option}: {lacking} has no column {name}, other files do")
            if only_published and nearest(name, known) is None:
                raise UsageError(
                    f"{option}: there is no {name}: published figures (aggregates) name no cases, "
                    "so they cannot be narrowed or grouped by columns of cases",
                    hint="give the case-level tables; `mpp schema` lists them",
                )
            offered = list(dict.fromkeys([*known, *(TIMES if option == "--by" else ())]))
            where = f" in {of}" if of else ""
            raise UsageError(
                f'{option}: unknown column "{name}"{where}', hint=did_you_mean(name, offered)
            )
