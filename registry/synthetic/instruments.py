"""Synthetic instruments: who concludes them on what, and the acts and terms of the life that each leads."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Any

from registry import inputs
from registry.access import PUBLIC
from registry.agreements import (
    Agreement,
    AgreementLevel,
    AgreementRelationKind,
    AgreementSector,
    AgreementSubject,
    Document,
    LegalAct,
    Party,
    Relation,
    Subject,
    Term,
)
from registry.dates import add_months
from registry.status import Bindingness, InstrumentType, LegalActKind
from registry.synthetic.lives import ALL, EACH, LIVES, PRESENT, Doer, Life, Step
from registry.synthetic.lives import HOME as FIRST_PARTY
from registry.synthetic.world import HOME, Draw, World
from registry.synthetic.writing import MARK

_BINDING = (
    *(InstrumentType.INTERGOVERNMENTAL_AGREEMENT,) * 6,
    *(InstrumentType.INTERAGENCY_AGREEMENT,) * 3,
    *(InstrumentType.MEMORANDUM_OF_UNDERSTANDING,) * 3,
    *(InstrumentType.INTERSTATE_AGREEMENT,) * 2,
    *(InstrumentType.PROTOCOL,) * 2,
    InstrumentType.TREATY,
    InstrumentType.CONVENTION,
    InstrumentType.PROGRAMME,
    InstrumentType.COMPANY_CONTRACT,
    InstrumentType.ARRANGEMENT,
    InstrumentType.UNSPECIFIED,
)
_NOT_BINDING = (
    *(InstrumentType.MEMORANDUM_OF_UNDERSTANDING,) * 4,
    *(InstrumentType.JOINT_DECLARATION,) * 2,
    *(InstrumentType.DECLARATION_OF_INTENT,) * 2,
    InstrumentType.JOINT_STATEMENT,
    InstrumentType.ACTION_PLAN,
    InstrumentType.AGREED_MINUTES,
)
_LEVELS = {
    InstrumentType.INTERGOVERNMENTAL_AGREEMENT: AgreementLevel.INTERGOVERNMENTAL,
    InstrumentType.INTERSTATE_AGREEMENT: AgreementLevel.INTERSTATE,
    InstrumentType.TREATY: AgreementLevel.INTERSTATE,
    InstrumentType.INTERAGENCY_AGREEMENT: AgreementLevel.INTERAGENCY,
    InstrumentType.COMPANY_CONTRACT: AgreementLevel.COMPANY,
}
_SUBJECTS = (*(Subject.LABOUR_MIGRATION,) * 12, *Subject)
_WEIGHTED = tuple(chain.from_iterable([life] * life.weight for life in LIVES))

#: One instrument in so many has an act whose day is not exactly known.
_IMPRECISE = 10


def add_instruments(world: World, count: int) -> None:
    """Adds so many instruments, each life led once before chance decides."""
    draw = Draw("instruments")
    for number in range(count):
        life = LIVES[number] if number < len(LIVES) else draw.one(_WEIGHTED)
        _add(world, draw, number, life)
        if number % 500 == 0:
            world.writer.tell("Agreements", number, count)
    world.writer.tell("Agreements", count, count)


def _add(world: World, draw: Draw, number: int, life: Life) -> None:
    writer = world.writer
    parties = _parties(world, draw, number, life)
    subjects = draw.some(_SUBJECTS, 3)
    kind = life.type or draw.one(_BINDING if life.binds else _NOT_BINDING)
    assessed = not life.binds or draw.one_in(2)
    binding = draw.one((Bindingness.BINDING, Bindingness.BINDING, Bindingness.MIXED))
    agreement = writer.add(
        Agreement,
        reference=f"synthetic-{'-'.join(parties[:2]).lower()}-{number + 1:05}",
        **_titles(world, number, kind, parties, subjects, draw),
        type=kind,
        level=_LEVELS.get(kind, AgreementLevel.UNSPECIFIED),
        bindingness=(binding if life.binds else Bindingness.NOT_BINDING) if assessed else Bindingness.UNASSESSED,
        bindingness_reason=f"{MARK} assessment." if assessed else None,
        beneficiaries=draw.some([f"{MARK} workers", f"{MARK} trainees", f"{MARK} nurses"], 2),
        article_count=5 + int(draw.random() * 30) if draw.one_in(2) else None,
        comparator=HOME not in parties,
        audience=PUBLIC,
        **_EMPTY_KEYS,
    )
    writer.cite(Agreement, agreement, world.sources["treaties"], f"instrument {number + 1} is on record")
    _add_parties(world, draw, agreement, parties, kind)
    for subject in subjects:
        writer.add(AgreementSubject, agreement_id=agreement, subject=subject)
    for sector in draw.some(world.divisions, 3):
        writer.add(AgreementSector, agreement_id=agreement, sector_code=sector)
    terms = draw.one(life.terms)
    if terms is not None:
        writer.add(Term, agreement_id=agreement, **vars(terms))
    imprecise = number % _IMPRECISE == _IMPRECISE - 1
    _add_acts(world, draw, agreement, parties, life, imprecise)
    _add_papers(world, draw, agreement, parties)
    for code in parties:
        world.agreements[code].append(agreement)
    if HOME not in parties:
        world.comparators.add(agreement)


#: What is derived once all acts are there.
_EMPTY_KEYS: dict[str, Any] = {"sort_key": "", "text_key": ""}


def _parties(world: World, draw: Draw, number: int, life: Life) -> list[str]:
    """Home and one partner, sometimes more where the life allows it; now and then two other countries to compare."""
    first = world.country_of(number, draw)
    if number % 50 == 49:
        return list(dict.fromkeys([first, world.partner(draw), world.partners[number % 7]]))[:2]
    if life.common and draw.one_in(15):
        more = draw.some(world.partners, 4)
        return list(dict.fromkeys([HOME, first, *more, *world.partners[:2]]))[: 3 + len(more)]
    return [HOME, first]


def _titles(
    world: World, number: int, kind: InstrumentType, parties: list[str], subjects: list[Subject], draw: Draw
) -> dict[str, str | None]:
    between = " and ".join(world.names[code] for code in parties)
    matter = str(subjects[0]).lower().replace("_", " ")
    title = f"{MARK} {str(kind).lower().replace('_', ' ')} {number + 1} between {between} on {matter}"
    return {
        "title_as_printed": title,
        "title_language": "en",
        "title_en": title if draw.one_in(2) else None,
        "title_ru": f"{MARK} документ {number + 1}: {between}" if draw.one_in(3) else None,
        "title_uz": f"{MARK} hujjat {number + 1}: {between}" if draw.one_in(3) else None,
    }


def _add_parties(world: World, draw: Draw, agreement: int, parties: list[str], kind: InstrumentType) -> None:
    by_company = kind is InstrumentType.COMPANY_CONTRACT
    for position, code in enumerate(parties):
        companies = world.companies[code] if by_company and code != HOME else []
        world.writer.add(
            Party,
            agreement_id=agreement,
            position=position,
            country_code=code,
            institution_id=world.ministries.get(code) if draw.one_in(2) else None,
            company_id=draw.one(companies) if companies else None,
            signatory=f"{MARK} signatory" if draw.one_in(2) else None,
        )


def _add_papers(world: World, draw: Draw, agreement: int, parties: list[str]) -> None:
    """Documents of the instrument, and what it does to an earlier one of the same parties."""
    for language in ("en", "ru")[: int(draw.random() * 3)]:
        world.writer.add(
            Document,
            agreement_id=agreement,
            title=f"{MARK} text",
            language=language,
            authentic=True,
            source_id=world.sources["treaties"],
        )
    earlier = world.agreements[parties[-1]]
    if earlier and draw.one_in(5):
        kind = draw.one(tuple(AgreementRelationKind))
        world.writer.add(Relation, agreement_id=agreement, kind=kind, other_id=draw.one(earlier))


def _add_acts(world: World, draw: Draw, agreement: int, parties: list[str], life: Life, imprecise: bool) -> None:
    begins = draw.day(date(life.first, 1, 1), add_months(PRESENT, -life.months - 2))
    steps = list(_done(life, parties))
    vague = draw.one(range(len(steps))) if imprecise and steps else None
    late = timedelta(days=int(draw.random() * 25))
    for place, (step, party) in enumerate(steps):
        day = add_months(PRESENT if step.late else begins, step.months) + late
        written = step.written or (_imprecise(day, draw) if place == vague else day.isoformat())
        effective = add_months(day, step.effective).isoformat() if step.effective else None
        act = world.writer.add(
            LegalAct,
            agreement_id=agreement,
            kind=step.kind,
            party_code=party,
            place=f"{MARK} place" if step.kind is LegalActKind.SIGNATURE else None,
            **inputs.dated("date", written),
            **inputs.dated("effective", effective),
            in_record=True,
        )
        source = world.sources["journal" if place % 2 else "treaties"]
        world.writer.cite(LegalAct, act, source, f"{str(step.kind).lower().replace('_', ' ')}, {written}")


def _done(life: Life, parties: list[str]) -> Iterator[tuple[Step, str | None]]:
    for step in life.steps:
        if step.doer is ALL:
            yield step, None
        else:
            yield from ((step, party) for party in _doers(step.doer, parties))


def _doers(doer: Doer, parties: list[str]) -> list[str]:
    if doer is EACH:
        return parties
    return parties[:1] if doer is FIRST_PARTY else parties[1:]


def _imprecise(day: date, draw: Draw) -> str:
    """The day as a source might know it that does not know it exactly; never later than the end of its year."""
    month = day.strftime("%Y-%m")
    return draw.one((month, month, f"{month}~", f"{day.year}", f"{month}-01/{day}", f"../{day}"))
