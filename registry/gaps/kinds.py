"""The kinds of gap, and what each means in words."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from registry.codes import Code, Language, ValueOperator
from registry.history import Coded
from registry.language import render, stated
from registry.status import AgreementStatus, LegalActKind, Message


class GapKind(Code):
    """What is missing, contradictory or unused."""

    REPORTED_WITHOUT_ACT = "REPORTED_WITHOUT_ACT", "An instrument is spoken of, but no act of its life is on record."
    SIGNED_NOT_IN_FORCE = (
        "SIGNED_NOT_IN_FORCE",
        "An instrument has been signed or consented to, but its entry into force is not on record.",
    )
    IN_FORCE_WITHOUT_DATE = "IN_FORCE_WITHOUT_DATE", "An instrument is in force, but since which day is not known."
    PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE = (
        "PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE",
        "People are placed in a country with which no agreement is certainly in force or operative.",
    )
    IN_FORCE_WITHOUT_QUOTA = (
        "IN_FORCE_WITHOUT_QUOTA",
        "A labour agreement is in force or operative without a quota under it.",
    )
    QUOTA_UNUSED = "QUOTA_UNUSED", "A quota's period has begun, and nobody is on record who used it."
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED", "More people were counted than a quota has places."
    LICENCE_LAPSED = "LICENCE_LAPSED", "A licence on record as valid has run out."
    DESTINATION_WITHOUT_AGREEMENT = (
        "DESTINATION_WITHOUT_AGREEMENT",
        "A country is a destination, but no agreement with it is on record.",
    )
    SOURCES_CONTRADICT = "SOURCES_CONTRADICT", "Sources put one and the same act on different days."
    UNQUOTED = "UNQUOTED", "Facts rest on sources whose exact words are not held."


#: What each kind of gap means, with the places that `explain` fills.
SENTENCES = {
    GapKind.REPORTED_WITHOUT_ACT: "This instrument is reported, but no act of its life is on record.",
    GapKind.SIGNED_NOT_IN_FORCE: "Status on the day: {status}. No entry into force is established.",
    GapKind.IN_FORCE_WITHOUT_DATE: "In force on the day, but since which day is not known.",
    GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE: (
        "Placement returns name {country} as destination, but no agreement with it is certainly in force or operative."
    ),
    GapKind.IN_FORCE_WITHOUT_QUOTA: "This labour agreement is in force or operative, but has no quota on record.",
    GapKind.QUOTA_UNUSED: "The period of this quota has begun, but nobody is on record who used it. Places: {places}.",
    GapKind.QUOTA_EXCEEDED: "People counted: {used}. Places: {places}.",
    GapKind.LICENCE_LAPSED: "A licence on record as valid ran out on {until}.",
    GapKind.DESTINATION_WITHOUT_AGREEMENT: "{country} is a destination, but no agreement with it is on record.",
    GapKind.SOURCES_CONTRADICT: "Sources put the same act, {act}, on different days: {first} and {second}.",
    GapKind.UNQUOTED: "Facts of this record whose source's exact words are not held: {facts}.",
}

#: What is said of a quota that has fewer places than so many, which just so many people exceed.
_FEWER = "People counted: {used}. Places: fewer than {places}."

#: What `explain` needs of a gap, and of what type it is.
DETAILS: dict[str, Any] = {
    "agreement_id": sa.Integer(),
    "status": Coded(AgreementStatus),
    "act": Coded(LegalActKind),
    "first": sa.String(),
    "second": sa.String(),
    "until": sa.Date(),
    "places": sa.Integer(),
    "operator": Coded(ValueOperator),
    "number": sa.BigInteger(),
}

#: The columns that `explain` reads.
EXPLAINING = ("kind", "country_code", *DETAILS)


def explain(row: Mapping[str, Any] | sa.Row[Any], language: Language) -> str:
    """What a row of `gaps_on` means, in words."""
    values: Any = row._mapping if isinstance(row, sa.Row) else row
    kind: GapKind = values["kind"]
    if kind is GapKind.QUOTA_EXCEEDED:
        return _exceeded(values, language)
    told = _PLACES[kind](values) if kind in _PLACES else {}
    if kind is GapKind.QUOTA_UNUSED:
        told = {"places": ["text", stated(values["operator"], values["places"], language)]}
    return render(Message(SENTENCES[kind], told), language)


def _exceeded(values: Mapping[str, Any], language: Language) -> str:
    fewer = values["operator"] is ValueOperator.LESS_THAN
    places = ["number", values["places"]] if fewer else ["text", stated(values["operator"], values["places"], language)]
    told = {"used": ["number", int(values["number"])], "places": places}
    return render(Message(_FEWER if fewer else SENTENCES[GapKind.QUOTA_EXCEEDED], told), language)


_PLACES: dict[GapKind, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    GapKind.SIGNED_NOT_IN_FORCE: lambda row: {"status": ["status", str(row["status"])]},
    GapKind.PLACEMENTS_WITHOUT_AGREEMENT_IN_FORCE: lambda row: {"country": ["country", row["country_code"]]},
    GapKind.LICENCE_LAPSED: lambda row: {"until": ["day", row["until"].isoformat()]},
    GapKind.DESTINATION_WITHOUT_AGREEMENT: lambda row: {"country": ["country", row["country_code"]]},
    GapKind.SOURCES_CONTRADICT: lambda row: {
        "act": ["act", str(row["act"])],
        "first": ["edtf", row["first"]],
        "second": ["edtf", row["second"]],
    },
    GapKind.UNQUOTED: lambda row: {"facts": ["number", int(row["number"])]},
}
