"""The files that facts come in, in the order in which they rest on one another, and the functions that take them.

One sheet serves seeds, import and export: its columns are the parameters of the function that writes its rows, and what
is on record is read back into the same columns through the table of the noun (`held`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import sqlalchemy as sa

from registry import (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    institutions,
    lint,
    placements,
    programmes,
    quotas,
    sectors,
    sources,
)
from registry.errors import Conflict, NotFound
from registry.exchange.agreement_cells import Composed, parties, relations, titles
from registry.history import Changes, Row, table_behind

#: Is given the open change, the record and the arguments it was made of.
Notices = Callable[[Changes, Any, Mapping[str, Any]], Iterable[lint.Notice]]


@dataclass(frozen=True)
class Revision:
    """How a record on record is made what a row says of it: for the `parameters` that may differ.

    `write` is given the open change, the record's id, the row's arguments by parameter, and the parameters that differ;
    it gives the record. `decided` are parameters that one decision settles together with its sources: a row that says
    another decision says all of it, and nothing of what it leaves out stays as it is on record.
    """

    write: Callable[[Changes, Any, Mapping[str, Any], Collection[str]], object]
    parameters: frozenset[str]
    decided: frozenset[str] = frozenset()


def _revised_by(function: Callable[..., object], table: type[Row], revised: type) -> Revision:
    """Revises a record by the noun's own function, which is told what differs and takes None for what is empty."""

    def write(changes: Changes, number: Any, arguments: Mapping[str, Any], names: Collection[str]) -> object:
        version = changes.session.execute(sa.select(table_behind(table).c.version).filter_by(id=number)).scalar_one()
        revised = {name: arguments.get(name) for name in names}
        return function(changes, reference=arguments["reference"], expected_version=version, **revised)

    return Revision(write, frozenset(get_type_hints(revised)))


def _decide_anew(changes: Changes, _number: Any, arguments: Mapping[str, Any], names: Collection[str]) -> object:
    if not {"places", "decided"} & set(names):
        hint = "Other words are no other decision: make the row's sources as the record's are, or decide anew."
        raise Conflict("The number is on record with other sources.", path=("citations",), hint=hint)
    decision = {name: arguments[name] for name in ("places", "citations", "decided") if name in arguments}
    return quotas.revise(changes, quota=arguments["reference"], **decision)


def _act_anew(changes: Changes, number: Any, arguments: Mapping[str, Any], _names: Collection[str]) -> object:
    """The act on record was told otherwise: it counts no more, and the one told now does."""
    agreements.withdraw_act(changes, act_id=number)
    return agreements.record_act(changes, **arguments)


def _relate(changes: Changes, reference: str, relations: Any) -> None:
    agreements.relate(changes, agreement=reference, relations=relations)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A file, the function that takes its rows, and the table that they come to stand in.

    `key` are the parameters by which a row is found again; the first is the record's own reference or code, or that of
    the record it belongs to. `up` are columns that name other rows of the same file: these are entered first; where
    they name one another in a ring, the parameter `later` waits, and its function then takes it with the row's key.

    `composed` are parameters that columns of other names make up, `elsewhere` those that the file leaves to another.
    `lists` are the tables behind parameters that are lists, `parts` those behind parameters that are records of their
    own. `gather` is the parameter that all rows alike in everything else go into together.

    `revise` makes a record on record what a row says; without it, a row that differs from the record is refused.
    `notices` says what looks odd about a record that a row made. `only` are values that tell the rows of the table that
    are records of the sheet. `also` are other names of the file.
    """

    file: str
    write: Callable[..., Any]
    table: type[Row]
    key: tuple[str, ...] = ("reference",)
    up: tuple[str, ...] = ()
    composed: Mapping[str, Composed] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    lists: Mapping[str, type[Row]] = field(default_factory=dict)
    parts: Mapping[str, type[Row]] = field(default_factory=dict)
    gather: str | None = None
    later: tuple[str, Callable[..., object]] | None = None
    revise: Revision | None = None
    notices: Notices | None = None
    only: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


_AGREEMENT = {"titles": titles, "parties": parties, "relations": relations}

SHEETS = (
    Sheet("regions", countries.add_region, countries.Region, ("code",)),
    Sheet("countries", countries.add, countries.Country, ("code",)),
    Sheet("sectors", sectors.add, sectors.Sector, ("code",), up=("parent",), elsewhere=("scheme",)),
    Sheet("occupations", sectors.add_occupation, sectors.Occupation, ("code",), up=("parent",)),
    Sheet("sources", sources.add, sources.Source, up=("copy_of",)),
    Sheet("institutions", institutions.register, institutions.Institution, up=("parent", "succeeds")),
    Sheet(
        "companies",
        companies.register,
        companies.Company,
        lists={"roles": companies.CompanyRole, "sectors": companies.CompanySector},
        revise=_revised_by(companies.revise, companies.Company, companies.CompanyRevised),
    ),
    Sheet(
        "agreements",
        agreements.register,
        agreements.Agreement,
        up=("relations",),
        composed=_AGREEMENT,
        elsewhere=("documents",),
        lists={"subjects": agreements.AgreementSubject, "sectors": agreements.AgreementSector},
        parts={"term": agreements.Term},
        later=("relations", _relate),
        revise=_revised_by(agreements.revise, agreements.Agreement, agreements.AgreementRevised),
        notices=lint.of_agreement,
    ),
    Sheet(
        "documents",
        agreements.attach_document,
        agreements.Document,
        ("agreement", "title", "language", "url", "sha256"),
    ),
    Sheet(
        "acts",
        agreements.record_act,
        agreements.LegalAct,
        ("agreement", "kind", "party", "date"),
        only={"in_record": True},
        revise=Revision(_act_anew, frozenset({"effective", "until", "place", "by", "note", "citations"})),
        notices=lint.of_act,
    ),
    Sheet(
        "partnerships", companies.record_partnership, companies.Partnership, ("company", "stage", "agreement", "since")
    ),
    Sheet(
        "licences", companies.record_licence, companies.Licence, ("company", "number", "state", "issued_by", "since")
    ),
    Sheet(
        "quotas",
        quotas.allot,
        quotas.Quota,
        up=("part_of",),
        lists={"origins": quotas.QuotaOrigin},
        revise=Revision(_decide_anew, frozenset({"places", "decided", "citations"}), frozenset({"places", "decided"})),
        notices=lint.of_quota,
    ),
    Sheet("quota_revisions", quotas.record_former, quotas.QuotaRevision, ("quota", "places", "decided")),
    Sheet(
        "placements",
        placements.report,
        placements.PlacementReturn,
        ("source",),
        gather="placements",
        also=("returns",),
    ),
    Sheet(
        "figures",
        figures.report,
        figures.Figure,
        lists={"destinations": figures.FigureDestination},
        notices=lint.of_figure,
    ),
    Sheet(
        "engagements",
        engagements.record,
        engagements.Engagement,
        lists={"countries": engagements.EngagementCountry},
        notices=lint.of_engagement,
    ),
    Sheet("programmes", programmes.register, programmes.Programme),
)

#: The files of the code lists, on which facts rest and which state none themselves.
CODE_LISTS = ("regions", "countries", "sectors", "occupations")

#: The sheets of facts, by each of their names.
KINDS = {name: sheet for sheet in SHEETS if sheet.file not in CODE_LISTS for name in (sheet.file, *sheet.also)}


def sheet_of(kind: str) -> Sheet:
    """The sheet of a kind of record; raises `NotFound`."""
    if kind not in KINDS:
        raise NotFound(f"There is no kind of record called {kind}.", hint=f"Known are {', '.join(KINDS)}.")
    return KINDS[kind]
