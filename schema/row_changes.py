"""What became of the rows that a change tells of, as the log keeps them, and of which parts of a record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from registry.history.shape import Named, kind_named, kind_of, whole_behind

#: The field that the rows of each kind of part are told as.
PARTS = {
    "agreement_party": "parties",
    "agreement_relation": "relations",
    "agreement_sector": "sectors",
    "agreement_subject": "subjects",
    "agreement_term": "term",
    "citation": "citations",
    "company_role": "roles",
    "company_sector": "sectors",
    "document": "documents",
    "engagement_country": "countries",
    "figure_destination": "destinations",
    "licence": "licences",
    "partnership": "partnerships",
    "placement_return": "placements",
    "quota_origin": "origins",
    "quota_revision": "revisions",
}

#: A source may have very many returns: they are counted, and so many of them shown. Nobody is left out of what they
#: are about, so that whether the others may be told need not be looked at.
COUNTED, MOST_SHOWN = "placements", 20
RETURNS = "placement_return"

#: The words that a record or a part of it rests on: their table, and what they are told as.
WORDS, CITED = "citation", "citations"

Row = dict[str, Any]

#: A part by its table and its id, and rows of parts before and after by the fields that they are told as.
Part = tuple[str, int]
Parts = dict[str, tuple[list[tuple[str, Row]], list[tuple[str, Row]]]]


class Step(NamedTuple):
    """What became of one row: its columns before and after, where it was revised those that differ or tell it apart.

    `key` has the columns of its key, and may have more.
    """

    table: str
    key: Row
    old: Row | None
    new: Row | None


class Happened(NamedTuple):
    """What became of rows in one change; how many returns there were before, and are after, that are only counted."""

    steps: list[Step]
    before: int
    after: int


def happened(rows: str) -> Happened:
    """What became of each row, out of the column `rows` of a change."""
    steps: list[Step] = []
    before = after = 0
    for told in orjson.loads(rows):
        table = told["table"]
        most = MOST_SHOWN if PARTS.get(table) == COUNTED else None
        revised, created, removed = (told.get(what, ()) for what in ("revised", "created", "removed"))
        steps += [_revised(table, **item) for item in revised[:most]]
        steps += [Step(table, row, None, row) for row in rows_of(told, created[:most])]
        steps += [Step(table, row, row, None) for row in rows_of(told, removed[:most])]
        if most is not None:
            before += len(revised[most:]) + len(removed[most:])
            after += len(revised[most:]) + len(created[most:])
    return Happened(steps, before, after)


def _revised(table: str, key: Row, old: Row, new: Row) -> Step:
    """What differs in a row, of a part with what tells it apart; logs of earlier versions do not have that."""
    apart = {name: key[name] for name in kind_of(table).__told_apart_by__ if name in key}
    return Step(table, key, apart | old, apart | new)


def rows_of(told: Mapping[str, Any], stored: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """The rows that a step of the log tells of, each value by its column."""
    return (dict(zip(told["columns"], values, strict=True)) for values in stored)


def parts_of(record: Named, steps: Sequence[Step]) -> Parts:
    """What became of the parts of a record; the words that a part rests on are among its columns."""
    found: Parts = {PARTS[step.table]: ([], []) for step in steps if step.table in PARTS}
    for end in (False, True):
        held: dict[Part, Row] = {}
        words: list[tuple[int, Part, Row]] = []
        for step in steps:
            row = step.new if end else step.old
            if row is None or step.table not in PARTS:
                continue
            if part := _resting_on(record, step.table, row):
                words.append((step.key["id"], part, row))
                continue
            told = held[step.table, step.key.get("id", 0)] = {**row, CITED: []}
            found[PARTS[step.table]][end].append((step.table, told))
        for _, part, row in sorted(words, key=lambda each: each[0]):  # in the order in which they were written down
            if part not in held:  # it has been taken out since
                held[part] = {CITED: []}
                found.setdefault(PARTS[part[0]], ([], []))[end].append((part[0], held[part]))
            held[part][CITED].append(row)
    return found


def _resting_on(record: Named, table: str, row: Row) -> Part | None:
    """The part that rests on words; None for those that a record itself rests on, and for what are no words.

    Words come to rest on a part instead of the record: an id that did not change then is that of the record as well.
    """
    if table != WORDS or "subject" not in row:
        return None
    kind = kind_named(row["subject"])
    return None if whole_behind(kind) is None else (str(kind.__tablename__), row.get("subject_id") or int(record.key))


def resting(record: Named, steps: Iterable[Step]) -> set[Part]:
    """The parts of a record that words are told of, and that are not told of themselves."""
    rows = [(step.table, row) for step in steps for row in (step.old, step.new) if row]
    told = {(step.table, step.key["id"]) for step in steps if step.table in PARTS and "id" in step.key}
    return {part for table, row in rows if (part := _resting_on(record, table, row)) is not None} - told


def only_counts(step: Step) -> bool:
    """Whether a step tells of a return no more than what was revised of it."""
    return step.table == RETURNS and step.old is not None and step.new is not None
