"""The cells of an agreement that several columns make up together: its titles, parties and relations, both ways."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from registry.access import Audience
from registry.agreements import (
    Agreement,
    AgreementRelationKind,
    Party,
    PartyNamed,
    Relation,
    RelationStated,
    TitleGiven,
)
from registry.codes import Language
from registry.companies import Company
from registry.errors import BadInput
from registry.exchange.lists import Cell, Cells, items, pairs
from registry.history import table_behind
from registry.institutions import Institution
from registry.visibility import may_see

#: Those to whom what is read is shown; None where the connection shows them nothing else.
Audiences = frozenset[Audience] | None

#: What a record says in columns of its own, by the record's id.
Told = dict[int, dict[str, Cell]]


@dataclass(frozen=True)
class Composed:
    """A parameter that several columns, or one of a form of its own, make up together.

    `columns` are these columns with their meanings, `read` makes the parameter of them. `tell` is the way back, for
    records by their ids, as some audiences see them; None where the table of the noun has columns of the same names.
    `parts` says which column a part of the parameter stands in, where that is not the first. `fit` makes cells that
    stay as they are on record, those of some columns, fit what a row says in the others.
    """

    columns: Mapping[str, str]
    read: Callable[[Cells], object]
    tell: Callable[[sa.Connection, Sequence[int], Audiences], Told] | None = None
    parts: Mapping[str, str] | None = None
    fit: Callable[[Cells, Collection[str]], Cells] | None = None


def _titles(cells: Cells) -> list[TitleGiven]:
    given = [TitleGiven(language, str(cells[f"title_{language.suffix}"])) for language in Language]
    return [one for one in given if one.title]


_BESIDE_PARTIES = {"institution": "party_institutions", "company": "party_companies", "signatory": "signatories"}


def _parties(cells: Cells) -> list[PartyNamed]:
    """The parties.

    A country that is named once is a party for each institution, company and signatory beside it; one that is named
    several times has them in turn, where nothing behind the sign stands for none.
    """
    named = items(cells["parties"])
    told = [pairs(cells[column], column, named) for column in _BESIDE_PARTIES.values()]
    made, met = [], dict.fromkeys(named, 0)
    for country in named:
        beside = [by_country.get(country, []) for by_country in told]
        if named.count(country) == 1:
            together = list(zip_longest(*beside)) or [(None, None, None)]
        else:
            _check_in_turn(country, beside, named.count(country))
            together = [tuple(values[met[country]] if values else None for values in beside)]
            met[country] += 1
        made += [PartyNamed(country, *(value or None for value in values)) for values in together]
    return made


def _fit_parties(cells: Cells, staying: Collection[str]) -> Cells:
    """Of what stays beside parties, that of countries which still are parties."""
    named = items(cells["parties"])
    beside = {column: items(cells[column]) for column in _BESIDE_PARTIES.values() if column in staying}
    return {
        column: [pair for pair in told if pair.partition("=")[0].strip() in named] for column, told in beside.items()
    }


def _check_in_turn(country: str, beside: list[list[str]], count: int) -> None:
    for column, values in zip(_BESIDE_PARTIES.values(), beside, strict=True):
        if len(values) not in (0, count):
            hint = f"Give {country}=… for each of them, with nothing behind the sign for none."
            raise BadInput(f"{country} is a party {count} times.", path=(column,), hint=hint)


def _tell_parties(connection: sa.Connection, agreements: Sequence[int], _audiences: Audiences) -> Told:
    """The parties with who acts for them, which everybody may see."""
    party, institution, company = table_behind(Party), table_behind(Institution), table_behind(Company)
    rows = connection.execute(
        sa.select(
            party.c.agreement_id,
            party.c.country_code,
            institution.c.reference.label("institution"),
            company.c.reference.label("company"),
            party.c.signatory,
        )
        .select_from(party)
        .outerjoin(institution, institution.c.id == party.c.institution_id)
        .outerjoin(company, company.c.id == party.c.company_id)
        .where(party.c.agreement_id.in_(agreements))
        .order_by(party.c.agreement_id, party.c.position)
    )
    by_agreement: dict[int, list[Any]] = {}
    for row in rows:
        by_agreement.setdefault(row.agreement_id, []).append(row)
    return {agreement: _party_cells(stated) for agreement, stated in by_agreement.items()}


def _party_cells(parties: list[Any]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"parties": [party.country_code for party in parties]}
    for name, column in _BESIDE_PARTIES.items():
        has = {party.country_code for party in parties if getattr(party, name)}
        cells[column] = [
            f"{party.country_code}={getattr(party, name) or ''}" for party in parties if party.country_code in has
        ]
    return cells


def _relations(cells: Cells) -> list[RelationStated]:
    kinds = [kind.value for kind in AgreementRelationKind]
    return [
        RelationStated(AgreementRelationKind[kind], reference)
        for kind, references in pairs(cells["relations"], "relations", kinds).items()
        for reference in references
    ]


def _tell_relations(connection: sa.Connection, agreements: Sequence[int], audiences: Audiences) -> Told:
    relation, other = table_behind(Relation), table_behind(Agreement)
    rows = connection.execute(
        sa.select(relation.c.agreement_id, relation.c.kind, other.c.reference)
        .join_from(relation, other, other.c.id == relation.c.other_id)
        .where(relation.c.agreement_id.in_(agreements))
        .where(sa.true() if audiences is None else may_see(relation.name, audiences))
        .order_by(relation.c.agreement_id, relation.c.kind, other.c.reference)
    )
    told: Told = {}
    for agreement, kind, reference in rows:
        listed = told.setdefault(agreement, {"relations": []})["relations"]
        assert isinstance(listed, list)
        listed.append(f"{kind}={reference}")
    return told


titles = Composed({f"title_{language.suffix}": f"Title. {language.description}" for language in Language}, _titles)

parties = Composed(
    {
        "parties": "Codes of the countries that are parties, in their order.",
        "party_institutions": "Institutions that act for them, by reference: UZ=migration-agency.",
        "party_companies": "Companies that are the party, by reference: DE=a-company.",
        "signatories": "Who signed for them, as the source names them: UZ=A. B., Minister.",
    },
    _parties,
    _tell_parties,
    _BESIDE_PARTIES,
    _fit_parties,
)

relations = Composed(
    {"relations": "What it does to other agreements: BASED_ON=their-reference."},
    _relations,
    _tell_relations,
)
