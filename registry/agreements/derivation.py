"""What follows from acts and terms, stored beside the agreement: timeline, possibilities, grounds, terms and due days.

The rows of an agreement are rebuilt as a whole, in the transaction of the change they follow from.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry import status
from registry.agreements.tables import (
    Agreement,
    AgreementDue,
    Laterality,
    LegalAct,
    Party,
    RunningTerm,
    StatusGround,
    StatusPossibility,
    StatusSpan,
    Term,
)
from registry.database import batches
from registry.dates import UncertainDate
from registry.history import Row, table_behind, unlogged
from registry.texts import fold

#: The tables that hold nothing but what `derive` puts there.
DERIVED: tuple[type[Row], ...] = (StatusSpan, StatusPossibility, StatusGround, RunningTerm, AgreementDue)

#: The columns of `Agreement` that are derived.
DERIVED_COLUMNS = (
    *("laterality", "sort_key", "text_key"),
    *("signed_earliest", "signed_latest", "force_earliest", "force_latest", "exists_from"),
)

#: Rows by table; for `Agreement`, its id and its derived columns.
Rows = dict[type[Row], list[dict[str, Any]]]


def derive(session: Session, agreement_ids: Iterable[int]) -> None:
    """Computes anew what follows from the acts and terms of these agreements, and stores it in place of what stood."""
    session.flush()
    for batch in batches(agreement_ids):
        # Held, so that the session need not fetch each of them again.
        held = {agreement.id: agreement for agreement in session.scalars(_agreements(batch))}
        rows = derived_rows(session, batch)
        for columns in rows.pop(Agreement):
            agreement = held[columns["id"]]
            for name in DERIVED_COLUMNS:
                if getattr(agreement, name) != columns[name]:
                    setattr(agreement, name, columns[name])
        for kind, derived in rows.items():
            table = table_behind(kind)
            session.execute(sa.delete(table).where(table.c.agreement_id.in_(batch)))
            if derived:
                session.execute(sa.insert(table), derived)
        session.flush()


def complete(engine: sa.Engine) -> None:
    """Derives what follows from the acts and terms of every agreement of which nothing that follows is held.

    So it is after a migration that takes it away since the law is read otherwise; no fact changes by it.
    """
    agreement, span = table_behind(Agreement), table_behind(StatusSpan)
    lacking = sa.select(agreement.c.id).where(sa.not_(sa.exists().where(span.c.agreement_id == agreement.c.id)))
    with engine.connect() as connection:
        if connection.execute(lacking.limit(1)).first() is None:
            return
    with unlogged(engine) as session:
        derive(session, session.scalars(lacking).all())


def derived_rows(session: Session, agreement_ids: Sequence[int]) -> Rows:
    """What follows from the acts and terms of these agreements (at most some hundred at once), computed afresh."""
    parties = _by_agreement(session.scalars(sa.select(Party).where(_of(Party, agreement_ids)).order_by("position")))
    acts = _by_agreement(session.scalars(sa.select(LegalAct).where(_of(LegalAct, agreement_ids)).order_by("id")))
    terms = _by_agreement(session.scalars(sa.select(Term).where(_of(Term, agreement_ids))))
    rows: Rows = {Agreement: [], **{kind: [] for kind in DERIVED}}
    for agreement in session.scalars(_agreements(agreement_ids)):
        assert agreement.id is not None
        countries = tuple(dict.fromkeys(party.country_code for party in parties[agreement.id]))
        timeline = status.assess(
            status.Instrument(
                type=agreement.type,
                bindingness=agreement.bindingness,
                parties=countries,
                acts=tuple(_act(act) for act in acts[agreement.id] if act.in_record),
                terms=next((_terms(term) for term in terms[agreement.id]), None),
            )
        )
        rows[Agreement].append({"id": agreement.id} | _columns(agreement, countries, timeline))
        _add_rows(rows, agreement.id, timeline)
    return rows


def stored_rows(session: Session, agreement_ids: Sequence[int]) -> Rows:
    """What is stored as following from the acts and terms of these agreements, in the form of `derived_rows`."""
    table = table_behind(Agreement)
    columns = [table.c[name] for name in ("id", *DERIVED_COLUMNS)]
    rows: Rows = {Agreement: _plain(session, sa.select(*columns).where(table.c.id.in_(agreement_ids)))}
    for kind in DERIVED:
        table = table_behind(kind)
        columns = [column for column in table.c if column.name != "id"]
        rows[kind] = _plain(session, sa.select(*columns).where(table.c.agreement_id.in_(agreement_ids)))
    return rows


def _plain(session: Session, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(statement).mappings()]


def _agreements(agreement_ids: Sequence[int]) -> sa.Select[Agreement]:
    return sa.select(Agreement).where(table_behind(Agreement).c.id.in_(agreement_ids)).order_by("id")


def _of(kind: type[Row], agreement_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return table_behind(kind).c.agreement_id.in_(agreement_ids)


def _by_agreement(rows: Iterable[Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.agreement_id].append(row)
    return groups


def _act(act: LegalAct) -> status.Act:
    assert act.id is not None
    return status.Act(
        id=act.id,
        kind=act.kind,
        date=UncertainDate(act.date, act.date_earliest, act.date_latest),
        effective=_day(act.effective, act.effective_earliest, act.effective_latest),
        until=_day(act.until, act.until_earliest, act.until_latest),
        party=act.party_code,
    )


def _day(edtf: str | None, earliest: date | None, latest: date | None) -> UncertainDate | None:
    return None if edtf is None else UncertainDate(edtf, earliest, latest)


def _terms(term: Term) -> status.Terms:
    return status.Terms(**term.model_dump(exclude={"agreement_id"}))


def _columns(agreement: Agreement, countries: tuple[str, ...], timeline: status.Timeline) -> dict[str, Any]:
    signed, force = timeline.signed, timeline.force
    titles = (agreement.title_as_printed, *(getattr(agreement, f"title_{suffix}") for suffix in _TITLES))
    return {
        "laterality": _laterality(agreement.type, countries),
        "sort_key": fold(agreement.title_en or agreement.title_as_printed),
        "text_key": fold(" ".join(filter(None, (agreement.reference, *titles)))),
        "signed_earliest": signed.earliest if signed else date.max,
        "signed_latest": signed.latest if signed else date.min,
        "force_earliest": force.earliest if force else date.max,
        "force_latest": force.latest if force else date.min,
        "exists_from": next((span.from_day for span in timeline.spans if span.status is not _NONE), None),
    }


_NONE = status.AgreementStatus.NONE

_TITLES = ("en", "ru", "uz", "uz_cyrl")


def _laterality(kind: status.InstrumentType, countries: tuple[str, ...]) -> Laterality:
    if kind is status.InstrumentType.MULTILATERAL_INSTRUMENT:
        return Laterality.MULTILATERAL
    return Laterality.PLURILATERAL if len(countries) > 2 else Laterality.BILATERAL


def _add_rows(rows: Rows, agreement_id: int, timeline: status.Timeline) -> None:
    for span in timeline.spans:
        days = {"agreement_id": agreement_id, "from_day": span.from_day, "until_day": span.until_day}
        possible = [str(one) for one in span.possible]
        rows[StatusSpan].append(days | {"status": span.status, "possible": possible})
        rows[StatusPossibility].extend(days | {"status": one} for one in span.possible)
    for stretch in timeline.reasons:
        reason = stretch.reason
        rows[StatusGround].append(
            {
                "agreement_id": agreement_id,
                "from_day": stretch.from_day,
                "until_day": stretch.until_day,
                "rule": reason.rule,
                "authority": reason.authority,
                "explanation": [message.to_json() for message in reason.explanation],
                "acts": list(reason.acts),
                "missing": [message.to_json() for message in reason.missing],
            }
        )
    for term in timeline.terms:
        rows[RunningTerm].append({"agreement_id": agreement_id} | vars(term))
    for due in timeline.deadlines:
        rows[AgreementDue].append(
            {
                "agreement_id": agreement_id,
                "kind": due.kind,
                "due": due.day,
                "known_from": due.known_from,
                "known_until": None if due.known_until == date.max else due.known_until,
                "current_from": due.current_from,
                "explanation": [message.to_json() for message in due.explanation],
            }
        )
