"""What looks odd about an instrument and about the acts of its life.

Days that are not exactly known are odd only where they are on all days that they may mean.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from registry.agreements import Agreement, LegalAct, Party, RunningTerm, StatusSpan, Term
from registry.history import Changes, table_behind
from registry.lint.countries import alike
from registry.lint.notices import Notice
from registry.sources import Citation, Source
from registry.status import AgreementStatus, Bindingness, ForceRule, LegalActKind, Renewal

_SIGNATURES = (LegalActKind.SIGNATURE, LegalActKind.EXCHANGE_OF_NOTES)
_FORCE = (LegalActKind.ENTRY_INTO_FORCE,)
_NOTICES = (LegalActKind.NOTICE_GIVEN, LegalActKind.NOTICE_RECEIVED, LegalActKind.DENOUNCED)
_ENDS = (
    *_NOTICES,
    LegalActKind.TERMINATED_BY_CONSENT,
    LegalActKind.TERMINATED_FOR_BREACH,
    LegalActKind.EXPIRED,
    LegalActKind.REPLACED,
    LegalActKind.INVALIDATED,
)
_ENDED = (
    AgreementStatus.TERMINATED,
    AgreementStatus.EXPIRED,
    AgreementStatus.REPLACED,
    AgreementStatus.INVALIDATED,
    AgreementStatus.DISCONTINUED,
)


def of_agreement(changes: Changes, agreement: Agreement, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about an instrument as it has been entered or revised."""
    if agreement.bindingness is not Bindingness.UNASSESSED and not agreement.bindingness_reason:
        yield Notice(
            "ASSESSED_WITHOUT_REASON",
            ("bindingnessReason",),
            f"It is said to be {agreement.bindingness} without who assessed it, and why so.",
            "Give who assessed it and why, or leave it UNASSESSED.",
        )
    yield from _term_without_force(changes.session, agreement, ("term", "durationMonths"))
    yield from _force_before_signature(agreement, ("term",))
    yield from _duplicates(changes, agreement, ("parties",))


def of_act(changes: Changes, act: LegalAct, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about an act that has been recorded, and about the life of its instrument with it."""
    session = changes.session
    agreement = session.get_one(Agreement, act.agreement_id)
    others = session.scalars(
        sa.select(LegalAct).filter_by(agreement_id=act.agreement_id, in_record=True).order_by(sa.text("id"))
    ).all()
    alike = [other for other in others if other is not act and (other.kind, other.party_code) == _what(act)]
    yield from _told_twice(act, alike)
    yield from _swapped(session, act, alike)
    yield from _after_the_end(session, act, others)
    yield from _notice_after_the_fact(session, act)
    yield from _retroactive(act)
    if act.kind in (*_SIGNATURES, *_FORCE):
        yield from _force_before_signature(agreement, ("date",))
    if act.kind in _SIGNATURES:
        yield from _term_without_force(session, agreement, ("agreement",))
        yield from _duplicates(changes, agreement, ("agreement",))


def _what(act: LegalAct) -> tuple[LegalActKind, str | None]:
    return act.kind, act.party_code


def _told_twice(act: LegalAct, alike: list[LegalAct]) -> Iterator[Notice]:
    if any(other.date == act.date for other in alike):
        yield Notice(
            "DUPLICATE",
            ("date",),
            f"The {act.kind} of {act.date} is on record already.",
            "Withdraw one of the two; one act can name several sources.",
        )


def _swapped(session: Session, act: LegalAct, alike: list[LegalAct]) -> Iterator[Notice]:
    day = _exact(act)
    for other in alike:
        their = _exact(other)
        if day and their and day != their and (day.year, day.month, day.day) == (their.year, their.day, their.month):
            yield Notice(
                "DAY_AND_MONTH_SWAPPED",
                ("date",),
                f"{_source(session, other)} puts the {act.kind} on {their}: day and month the other way round.",
                "Check in the source which is the day; withdraw the act that is wrong.",
            )


def _exact(act: LegalAct) -> date | None:
    return act.date_earliest if act.date_earliest == act.date_latest else None


def _source(session: Session, act: LegalAct) -> str:
    citation, source = table_behind(Citation), table_behind(Source)
    cited = sa.select(source.c.reference).join_from(source, citation, citation.c.source_id == source.c.id)
    first = cited.where(citation.c.subject == "LegalAct", citation.c.subject_id == act.id)
    return str(session.scalars(first.order_by(citation.c.position)).first())


def _force_before_signature(agreement: Agreement, path: tuple[str, ...]) -> Iterator[Notice]:
    signed, force = agreement.signed_earliest, agreement.force_latest
    known = date.max not in (signed, agreement.force_earliest)
    if known and force < signed:
        yield Notice(
            "FORCE_BEFORE_SIGNATURE",
            path,
            f"It would be in force by {force}, before its signature on {signed} (VCLT art. 24).",
            "Check both days; an instrument may bind from a day before it is signed only where its text says so.",
        )


def _after_the_end(session: Session, act: LegalAct, others: Any) -> Iterator[Notice]:
    ended = sa.select(StatusSpan).filter_by(agreement_id=act.agreement_id).order_by(sa.text("from_day"))
    end = next((span.from_day for span in session.scalars(ended) if span.status in _ENDED), None)
    if end is None:
        return
    late = [other for other in others if other.date_earliest and other.date_earliest > end]
    for other in late if act.kind in _ENDS else [act] if act in late else []:
        yield Notice(
            "ACT_AFTER_THE_END",
            ("date",),
            f"The {other.kind} of {other.date} comes after the end of the instrument on {end}.",
            "Check both days, and whether the act belongs to a later instrument.",
        )


def _notice_after_the_fact(session: Session, act: LegalAct) -> Iterator[Notice]:
    if act.kind not in _NOTICES or act.date_earliest is None:
        return
    if act.effective_latest is not None and act.effective_latest < act.date_earliest:
        yield Notice(
            "NOTICE_AFTER_THE_FACT",
            ("effective",),
            f"The notice would take effect on {act.effective}, before it was given on {act.date}.",
            "Check both days.",
        )
    term, running = session.get(Term, act.agreement_id), table_behind(RunningTerm).c
    if act.effective is not None or term is None or term.renewal is not Renewal.TACIT:
        return
    day = act.date_earliest
    current = sa.select(running.notice_by).where(
        running.agreement_id == act.agreement_id, running.from_day <= day, running.until_day > day
    )
    notice_by = session.scalars(current).first()
    if notice_by is not None and day > notice_by:
        yield Notice(
            "NOTICE_TOO_LATE",
            ("date",),
            f"Notice against the term that runs then was due by {notice_by}; this one stops the renewal after that.",
            "Check the day, and the months of notice that the text asks for.",
        )


def _retroactive(act: LegalAct) -> Iterator[Notice]:
    done, takes_effect = act.date_earliest, act.effective_latest
    if act.kind in _FORCE and done and takes_effect and takes_effect < done:
        yield Notice(
            "RETROACTIVE_FORCE",
            ("effective",),
            f"It would be in force from {act.effective}, before the act of {act.date} (VCLT art. 28).",
            "Check both days; an instrument reaches back only where its parties meant it to.",
        )


def _term_without_force(session: Session, agreement: Agreement, path: tuple[str, ...]) -> Iterator[Notice]:
    term = session.get(Term, agreement.id)
    ruled = term is not None and term.force_rule not in (ForceRule.NOT_KNOWN, ForceRule.ON_FIXED_DATE)
    if term is None or term.duration_months is None or ruled or agreement.bindingness is Bindingness.NOT_BINDING:
        return
    if agreement.force_earliest == date.max:
        yield Notice(
            "TERM_WITHOUT_FORCE",
            path,
            f"A term of {term.duration_months} months cannot be counted: no entry into force is on record or follows.",
            "Give the text's forceRule, or record the act ENTRY_INTO_FORCE.",
        )


def _duplicates(changes: Changes, agreement: Agreement, path: tuple[str, ...]) -> Iterator[Notice]:
    """Other instruments of the same parties, type and day of signature: the first of them, where there are many."""
    if agreement.signed_earliest != agreement.signed_latest:
        return
    for other in alike(changes, agreement, Party, ("type", "signed_earliest", "signed_latest")):
        yield Notice(
            "DUPLICATE",
            path,
            f"{other} has the same parties, type and day of signature.",
            "Check that these are two instruments; withdraw the one that was entered by mistake.",
        )
