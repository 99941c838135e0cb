"""How a record that was entered by mistake is taken out of every answer, with its parts and its words.

It is refused while other records rest on it; these are named. A legal act has a withdrawal of its own: it stays on
record, marked.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import agreements, companies, engagements, figures, inputs, institutions, placements, programmes, quotas
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes, Record, Row, table_behind
from registry.sources import Citation, Source, uncite
from registry.utilisation import QuotaUtilisation

#: The tables of a record's parts, which go with it.
PARTS: dict[type[Record], tuple[type[Row], ...]] = {
    agreements.Agreement: (
        agreements.Party,
        agreements.AgreementSubject,
        agreements.AgreementSector,
        agreements.Term,
        agreements.Relation,
        agreements.Document,
        agreements.LegalAct,
    ),
    companies.Company: (
        companies.CompanyRole,
        companies.CompanySector,
        companies.Partnership,
        companies.Licence,
    ),
    quotas.Quota: (quotas.QuotaOrigin, quotas.QuotaRevision),
    figures.Figure: (figures.FigureDestination,),
    engagements.Engagement: (engagements.EngagementCountry,),
    institutions.Institution: (),
    programmes.Programme: (),
    Source: (),
}

#: The tables of what is derived from a record, which goes with it.
FOLLOWING: dict[type[Record], tuple[type[Row], ...]] = {
    agreements.Agreement: agreements.DERIVED,
    quotas.Quota: (QuotaUtilisation,),
}

#: Of those that rest on a record, so many are named.
_NAMED = 5

_DERIVED = {table_behind(kind) for kinds in (*FOLLOWING.values(), placements.SUMS) for kind in kinds}


def withdraw(changes: Changes, kind: type[Row], key: int) -> None:
    """Takes a record of this kind out, with its parts and its words.

    Raises `NotFound`, `BadInput` where records of the kind are not withdrawn, and `Conflict` while others rest on it.
    """
    if kind is agreements.LegalAct:
        message, hint = "A legal act has a withdrawal of its own.", "Ask for legalActWithdraw."
        raise BadInput(message, path=("id",), hint=hint)
    if not issubclass(kind, Record) or kind not in PARTS:
        raise BadInput("Entries of code lists are not withdrawn.", path=("id",), hint="Give the id of a record.")
    record = changes.session.get(kind, key)
    if record is None or not inputs.may_be_seen(changes, record):
        raise NotFound("No such record is on record.", path=("id",), hint="Give the id of a record.")
    resting = list(islice(_resting_on(changes, kind, key), _NAMED + 1))
    if resting:
        named = ", ".join(resting[:_NAMED]) + (" and others" if len(resting) > _NAMED else "")
        hint = (
            "Withdraw or revise these first: returns by placementsReport, as withdrawn; partnerships and licences by"
            " partnershipWithdraw and licenceWithdraw."
        )
        raise Conflict(f"Others rest on it: {named}.", path=("id",), hint=hint)
    for derived in FOLLOWING.get(kind, ()):
        table = table_behind(derived)
        changes.session.execute(sa.delete(table).where(table.c[_owner(kind)] == key))
    for part in PARTS[kind]:
        for row in changes.session.scalars(sa.select(part).filter_by(**{_owner(kind): key})).all():
            _remove(changes, row)
    _remove(changes, record)


def _remove(changes: Changes, row: Row) -> None:
    if isinstance(row, Record):
        uncite(changes, row)
    changes.remove(row)


def _owner(kind: type[Record]) -> str:
    """The column by which parts point to the record that they belong to."""
    return f"{kind.__tablename__}_id"


# ── What rests on a record ──────────────────────────────────────────────────────────────────────────────────────────

#: The record that rows of a table belong to.
_BELONGS = {table_behind(part): kind for kind, parts in PARTS.items() for part in parts}
_BY_NAME = {kind.__name__: kind for kind in PARTS}


def _resting_on(changes: Changes, kind: type[Record], key: int) -> Iterator[str]:
    """The names of those that rest on a record, each once."""
    if kind is agreements.Agreement:
        act = agreements.LegalAct
        for held in changes.session.scalars(sa.select(act).filter_by(agreement_id=key, in_record=True)):
            yield f"the act {held.kind} of {held.date}"
    told: set[str] = set()
    for table in SQLModel.metadata.sorted_tables:
        for foreign in table.foreign_keys:
            column = foreign.parent
            own = _BELONGS.get(table) is kind and column.name == _owner(kind)
            if foreign.column.table is table_behind(kind) and table not in _DERIVED and not own:
                for name in _names(changes, table, column == key):
                    if name not in told:
                        told.add(name)
                        yield name


def _names(changes: Changes, table: sa.Table, condition: sa.ColumnElement[bool]) -> Iterator[str]:
    """The names of the records that the rows of a table are, or belong to, where the condition holds."""
    session = changes.session
    if table is table_behind(placements.PlacementReturn):
        count = session.scalar(sa.select(sa.func.count()).select_from(table).where(condition))
        if count:
            yield f"placement returns ({count})"
    elif table is table_behind(Citation):
        facts = sa.select(table.c.node, table.c.node_id).where(condition).distinct().order_by("node", "node_id")
        for node, node_id in session.execute(facts).all():
            yield _cited_by(changes, node, node_id)
    else:
        belongs = _BELONGS.get(table)
        column = table.c.id if belongs is None else table.c[_owner(belongs)]
        owner = belongs or next(kind for kind in PARTS if table_behind(kind) is table)
        for owner_id in session.scalars(sa.select(column).where(condition).order_by(column)).all():
            yield _name(changes, session.get_one(owner, owner_id))


def _cited_by(changes: Changes, node: str, node_id: int) -> str:
    if node == agreements.LegalAct.__name__:
        act = changes.session.get_one(agreements.LegalAct, node_id)
        return f"an act of {_name(changes, changes.session.get_one(agreements.Agreement, act.agreement_id))}"
    return _name(changes, changes.session.get_one(_BY_NAME[node], node_id))


def _name(changes: Changes, record: Any) -> str:
    if not inputs.may_be_seen(changes, record):
        return "a record that you may not see"
    return f"{record.__tablename__} {record.reference}"
