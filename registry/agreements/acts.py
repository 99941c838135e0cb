"""How the life of an instrument is recorded: what was done to it, from which its status follows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import select

from registry import inputs
from registry.agreements.derivation import derive
from registry.agreements.register import acts_as_no_party, changed
from registry.agreements.tables import Agreement, LegalAct, Party
from registry.errors import BadInput, Conflict, NotFound
from registry.history import Changes
from registry.sources import Cited, check_words, cite
from registry.status import NAMING_LAST_DAY, LegalActKind


def record_act(
    changes: Changes,
    *,
    agreement: str,
    kind: LegalActKind,
    date: str,
    citations: Sequence[Cited],
    effective: str | None = None,
    until: str | None = None,
    party: str | None = None,
    place: str | None = None,
    by: str | None = None,
    note: str | None = None,
) -> LegalAct:
    """Records what was done to the instrument of that reference; days in EDTF, `party` a country code, null for all.

    Refuses with `NotFound`, `Unsourced`, or `BadInput`, also where the party is none of those on record, and where
    `until` means nothing of such an act or is certainly before it.
    """
    with inputs.checked():
        agreement_id = inputs.id_of(changes, "agreement", agreement, "agreement")
        inputs.room(changes, "legalact", "agreement_id", agreement_id, "agreement")
        done = inputs.dated("date", date)
        act = LegalAct(
            agreement_id=agreement_id,
            kind=kind,
            party_code=None if party is None else _party_on_record(changes, agreement_id, kind, party),
            place=inputs.remark(place, "place"),
            by=inputs.remark(by, "by"),
            note=inputs.remark(note, "note"),
            **done,
            **inputs.dated("effective", effective),
            **_last_day(kind, done, until),
        )
        words = check_words(changes, citations)
    changes.add(act)
    cite(changes, act, words)
    changed(changes, agreement_id)
    derive(changes.session, [agreement_id])
    return act


def withdraw_act(changes: Changes, *, act_id: int) -> LegalAct:
    """Takes a mistaken act out of the record; it is kept, and counts no more. Raises `NotFound` or `Conflict`."""
    act = changes.session.get(LegalAct, act_id)
    if act is None or not inputs.may_be_seen(changes, act):
        raise NotFound("No such act is on record.", path=("id",), hint="Give the id of an act of an agreement.")
    if not act.in_record:
        raise Conflict("The act has been withdrawn already.", path=("id",), hint="Nothing is left to do.")
    act.in_record = False
    changed(changes, act.agreement_id)
    derive(changes.session, [act.agreement_id])
    return act


def _last_day(kind: LegalActKind, done: Mapping[str, Any], until: str | None) -> dict[str, Any]:
    """The three columns of the last day that an act of a kind names, which was done on the day of these columns."""
    if until is not None and kind not in NAMING_LAST_DAY:
        hint = f"Leave it out; {' and '.join(NAMING_LAST_DAY)} alone prolongs to a day that it names."
        inputs.refuse(BadInput(f"{kind} names no last day.", path=("until",), hint=hint))
        return {}
    columns = inputs.dated("until", until)
    first, last = done["date_earliest"], columns["until_latest"]
    if first and last and last < first:
        hint = "Give the last day to which it is prolonged."
        inputs.refuse(BadInput(f"{until} is before the act itself, {done['date']}.", path=("until",), hint=hint))
    return columns


def _party_on_record(changes: Changes, agreement_id: int, kind: LegalActKind, country: str) -> str:
    """The code of a party of the instrument; where the registry may not know all parties, that of any country."""
    code = inputs.code_of(changes, "country", country, "party")
    if not (code and agreement_id):
        return code
    agreement = changes.session.get_one(Agreement, agreement_id)
    parties = set(changes.session.exec(select(Party.country_code).where(Party.agreement_id == agreement_id)))
    if acts_as_no_party(kind, code, agreement.type, parties):
        hint = f"Its parties are {', '.join(sorted(parties))}."
        inputs.refuse(BadInput(f"{code} is no party to {agreement.reference}.", path=("party",), hint=hint))
    return code
