"""The files that facts come in, in the order in which they rest on one another, and the functions that take them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from registry import (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    institutions,
    placements,
    programmes,
    quotas,
    sectors,
    sources,
)
from registry.codes import Language
from registry.errors import BadInput
from registry.history import Changes

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Composed:
    """A parameter that several columns, or one of a form of its own, make up together."""

    columns: tuple[str, ...]
    read: Callable[[Cells], object]


def _titles(cells: Cells) -> list[agreements.TitleGiven]:
    titles = [agreements.TitleGiven(language, cells[f"title_{language.suffix}"]) for language in Language]
    return [given for given in titles if given.title]


def _parties(cells: Cells) -> list[agreements.PartyNamed]:
    """The parties; a country for which several institutions act stands there once for each of them."""
    countries_named = items(cells["parties"])
    told = [
        _pairs(cells, column, countries_named) for column in ("party_institutions", "party_companies", "signatories")
    ]
    return [
        agreements.PartyNamed(country, *named)
        for country in countries_named
        for named in list(zip_longest(*(by_country.get(country, []) for by_country in told))) or [(None, None, None)]
    ]


def _relations(cells: Cells) -> list[agreements.RelationStated]:
    kinds = [kind.value for kind in agreements.AgreementRelationKind]
    return [
        agreements.RelationStated(agreements.AgreementRelationKind[kind], reference)
        for kind, references in _pairs(cells, "relations", kinds).items()
        for reference in references
    ]


def _pairs(cells: Cells, column: str, keys: Collection[str]) -> dict[str, list[str]]:
    """The values of a cell such as `UZ=… | DE=…`, by the keys before them."""
    pairs: dict[str, list[str]] = {}
    for item in items(cells[column]):
        key, _sign, value = (part.strip() for part in item.partition("="))
        if key not in keys or not value:
            hint = f"Give pairs such as {next(iter(keys), 'UZ')}=…; before the sign stands one of: {', '.join(keys)}."
            raise BadInput(f"“{item}” cannot be read.", path=(column,), hint=hint)
        pairs.setdefault(key, []).append(value)
    return pairs


def items(cell: str) -> list[str]:
    """The items of a list in a cell."""
    return [item.strip() for item in cell.split(" | ") if item.strip()]


def _relate(changes: Changes, reference: str, relations: Sequence[agreements.RelationStated]) -> None:
    agreements.relate(changes, agreement=reference, relations=relations)


_AGREEMENT = {
    "titles": Composed(tuple(f"title_{language.suffix}" for language in Language), _titles),
    "parties": Composed(("parties", "party_institutions", "party_companies", "signatories"), _parties),
    "relations": Composed(("relations",), _relations),
}


@dataclass(frozen=True)
class Sheet:
    """A file, and the function that takes its rows.

    `up` are columns that name other rows of the same file by their `key`: these are entered first. `composed` are
    parameters read from columns of other names, `elsewhere` those that the file leaves to another. `gather` is the
    parameter that all rows alike in everything else go into together; `later` the one that waits until all rows are
    entered, and the function that then takes it with the row's key.
    """

    file: str
    write: Callable[..., object]
    key: str = "reference"
    up: tuple[str, ...] = ()
    composed: Mapping[str, Composed] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    gather: str | None = None
    later: tuple[str, Callable[[Changes, str, Any], object]] | None = None


SHEETS = (
    Sheet("regions", countries.add_region),
    Sheet("countries", countries.add),
    Sheet("sectors", sectors.add, key="code", up=("parent",), elsewhere=("scheme",)),
    Sheet("occupations", sectors.add_occupation, key="code", up=("parent",)),
    Sheet("sources", sources.add, up=("copy_of",)),
    Sheet("institutions", institutions.register, up=("parent", "succeeds")),
    Sheet("companies", companies.register),
    Sheet(
        "agreements",
        agreements.register,
        composed=_AGREEMENT,
        elsewhere=("documents",),
        later=("relations", _relate),
    ),
    Sheet("documents", agreements.attach_document),
    Sheet("acts", agreements.record_act),
    Sheet("partnerships", companies.record_partnership),
    Sheet("licences", companies.record_licence),
    Sheet("quotas", quotas.allot, up=("part_of",)),
    Sheet("quota_revisions", quotas.revise, elsewhere=("expected_version",)),
    Sheet("placements", placements.report, gather="placements"),
    Sheet("figures", figures.report),
    Sheet("engagements", engagements.record),
    Sheet("programmes", programmes.register),
)
