"""What all parts of the synthetic world share: its countries and codes, its sources, and who is at home where."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeVar

import sqlalchemy as sa

from registry.countries import Country
from registry.sectors import Occupation, Sector, SectorLevel
from registry.sources import Reliability, Source, SourceKind
from registry.synthetic.writing import MARK, Writer

T = TypeVar("T")

#: How many countries the synthetic world is made of, the home country included.
COUNTRIES = 200

#: The years that returns and quotas are spread over, and the months of those years.
YEARS = range(2014, 2026)

HOME = "UZ"


class Draw(Random):
    """Chance that is the same every time: each part of the world has its own, named after it."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{MARK} {part}")

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.random() * len(items))]

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """From one to `most` of the items, each once."""
        return list(dict.fromkeys(self.one(items) for _ in range(1 + int(self.random() * most))))

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.random() * number < 1

    def day(self, first: date, last: date) -> date:
        """A day from the first to the last."""
        return first + timedelta(days=int(self.random() * ((last - first).days + 1)))

    def log_uniform(self, least: int, most: int) -> int:
        """A number from `least` to `most`, small ones far more often than large ones."""
        return int(least * (most / least) ** self.random())


@dataclass
class World:
    """The synthetic world as far as it is made."""

    writer: Writer
    partners: list[str]
    names: dict[str, str]
    divisions: list[str]
    sections: list[str]
    occupations: list[str]
    sources: dict[str, int] = field(default_factory=dict)
    ministries: dict[str, int] = field(default_factory=dict)
    companies: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    agreements: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    comparators: set[int] = field(default_factory=set)

    def own_agreements(self, code: str) -> list[int]:
        """The agreements of the home country with a partner: nobody goes under one that is kept for comparison."""
        return [agreement for agreement in self.agreements[code] if agreement not in self.comparators]

    def partner(self, draw: Draw) -> str:
        """A partner country; the first ones are five times as likely as the last."""
        return self.partners[int(len(self.partners) * draw.random() ** 1.5)]

    def country_of(self, number: int, draw: Draw) -> str:
        """The partner country of the thing of that number: each has one before chance decides."""
        return self.partners[number] if number < len(self.partners) else self.partner(draw)


def begin(writer: Writer) -> World:
    """The world with nothing in it but the code lists, its choice of countries and its sources."""
    read = writer.session.execute
    names: dict[str, str] = {row.code: row.name_en for row in read(sa.select(Country).order_by("code")).scalars()}
    partners = [code for code in names if code != HOME]
    Draw("countries").shuffle(partners)
    sectors: dict[SectorLevel, list[str]] = defaultdict(list)
    for sector in read(sa.select(Sector).order_by("code")).scalars():
        sectors[sector.level].append(sector.code)
    occupations = [row.code for row in read(sa.select(Occupation).order_by("code")).scalars() if len(row.code) == 2]
    world = World(
        writer=writer,
        partners=partners[: COUNTRIES - 1],
        names=names,
        divisions=sectors[SectorLevel.DIVISION],
        sections=sectors[SectorLevel.SECTION],
        occupations=occupations,
    )
    for name in ("treaties", "journal", "register", "rules", "press", *(f"returns-{year}" for year in YEARS)):
        world.sources[name] = writer.add(
            Source,
            reference=f"synthetic-{name}",
            title=f"{MARK} source: {name}",
            kind=SourceKind.SYNTHETIC,
            reliability=Reliability.UNVERIFIED,
            language="en",
            publisher=f"{MARK} publisher",
        )
    return world
