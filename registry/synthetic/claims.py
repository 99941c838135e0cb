"""Synthetic figures, engagements and programmes."""

from datetime import date
from decimal import Decimal

from registry import inputs
from registry.access import PUBLIC
from registry.codes import ValueOperator
from registry.engagements import Engagement, EngagementCountry, EngagementKind
from registry.figures import Figure, FigureDestination, FigureMeasure, FigureNature
from registry.programmes import Programme, ProgrammeKind
from registry.synthetic.lives import PRESENT
from registry.synthetic.world import HOME, YEARS, Draw, World
from registry.synthetic.writing import MARK

_NATURES = {
    FigureMeasure.REMITTANCES_SHARE_OF_GDP: FigureNature.RATIO,
    FigureMeasure.COMPANIES_CONTRACTED: FigureNature.STOCK,
    FigureMeasure.TRAINING_CENTRES: FigureNature.STOCK,
    FigureMeasure.JOBS_OPENED: FigureNature.PLAN,
}
_WINDOWS = ("{0}", "{0}", "{0}-01/{0}-06", "../{0}-12-31", "../..")


def add_figures(world: World, count: int) -> None:
    """Adds so many figures."""
    writer, draw = world.writer, Draw("figures")
    for number in range(count):
        measure = draw.one(tuple(FigureMeasure))
        nature = _NATURES.get(measure, FigureNature.FLOW)
        value = Decimal(draw.log_uniform(1, 90 if nature is FigureNature.RATIO else 90_000))
        figure = writer.add(
            Figure,
            reference=f"synthetic-figure-{number + 1:05}",
            measure=measure,
            nature=nature,
            operator=draw.one(tuple(ValueOperator)),
            value=value,
            unit="per cent" if nature is FigureNature.RATIO else "persons",
            sector_code=draw.one(world.divisions) if draw.one_in(5) else None,
            note=f"{MARK} claim",
            **inputs.window(draw.one(_WINDOWS).format(draw.one(YEARS))),
        )
        for position, code in enumerate(draw.some(world.partners, 2)):
            writer.add(FigureDestination, figure_id=figure, position=position, country_code=code)
        writer.cite(Figure, figure, world.sources["press"], f"the number is {value}")


def add_engagements(world: World, count: int) -> None:
    """Adds so many dealings between the home country and a partner."""
    writer, draw = world.writer, Draw("engagements")
    for number in range(count):
        code = world.country_of(number, draw)
        day = draw.day(date(2012, 1, 1), PRESENT)
        kind = draw.one(tuple(EngagementKind))
        engagement = writer.add(
            Engagement,
            reference=f"synthetic-engagement-{number + 1:05}",
            kind=kind,
            title=f"{MARK} {str(kind).lower().replace('_', ' ')} {number + 1} with {world.names[code]}",
            agreement_id=draw.one(world.agreements[code]) if world.agreements[code] and draw.one_in(3) else None,
            topics=draw.some([f"{MARK} recruitment", f"{MARK} training", f"{MARK} rights"], 2),
            audience=PUBLIC,
            **inputs.dated("date", day.strftime("%Y-%m") if draw.one_in(5) else day.isoformat()),
        )
        for position, taking_part in enumerate((HOME, code)):
            writer.add(EngagementCountry, engagement_id=engagement, position=position, country_code=taking_part)
        writer.cite(Engagement, engagement, world.sources["press"], f"it was on {day}")


def add_programmes(world: World, count: int) -> None:
    """Adds so many programmes of help."""
    writer, draw = world.writer, Draw("programmes")
    for number in range(count):
        paid = draw.one_in(2)
        programme = writer.add(
            Programme,
            reference=f"synthetic-programme-{number + 1:05}",
            name=f"{MARK} programme {number + 1}",
            kind=draw.one(tuple(ProgrammeKind)),
            provider_id=world.ministries[HOME],
            country_code=HOME,
            amount=Decimal(draw.log_uniform(100, 50_000)) if paid else None,
            currency="UZS" if paid else None,
            rate=None if paid else draw.one((0.25, 0.5, 0.75, 1.0)),
            description=f"{MARK} help",
        )
        writer.cite(Programme, programme, world.sources["register"], f"programme {number + 1} runs")
