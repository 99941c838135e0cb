"""The synthetic registry: the same each time, sound, of every kind there is, and never mixed with facts."""

import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements, companies, placements, quotas, sources, synthetic
from registry.agreements import StatusSpan
from registry.database import open_engine
from registry.errors import BadInput, Conflict
from registry.exchange import CODE_LISTS, SEEDS, load
from registry.history import Changes, RegistryState, changeset
from registry.history import table_behind as table
from registry.placements import Frequency
from registry.sources import SourceKind
from registry.status import AgreementStatus
from registry.synthetic.instruments import add_instruments
from registry.synthetic.lives import LIVES, PRESENT
from registry.synthetic.partners import add_companies, add_institutions
from registry.synthetic.returns import add_returns
from registry.synthetic.world import begin
from registry.synthetic.writing import Writer
from registry.utilisation import Outcome, QuotaUtilisation
from registry.verification import verify


def rows(engine: sa.Engine, statement: sa.Select[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(statement).all())


def count(engine: sa.Engine, kind: Any) -> int:
    return int(rows(engine, sa.select(sa.func.count()).select_from(table(kind)))[0][0])


def test_the_same_scale_gives_the_same_registry_on_any_day(migrated_file: Path, tmp_path: Path) -> None:
    def content(name: str) -> list[str]:
        file = shutil.copyfile(migrated_file, tmp_path / name)
        engine = open_engine(f"sqlite:///{file}")
        synthetic.generate(engine, 0.002)
        engine.dispose()
        with closing(sqlite3.connect(file)) as connection:
            return list(connection.iterdump())

    assert content("one.db") == content("other.db")


def test_a_generated_registry_is_sound(any_engine: sa.Engine) -> None:
    synthetic.generate(any_engine, 0.01)

    assert verify(any_engine) == []


def test_scale_says_how_many_records_there_are(generated: sa.Engine) -> None:
    assert count(generated, agreements.Agreement) == 50
    assert count(generated, companies.Company) == 200
    assert count(generated, quotas.Quota) == 500
    assert count(generated, placements.PlacementReturn) == 10_000


def test_every_status_is_found_on_the_present_day(generated: sa.Engine) -> None:
    span = table(StatusSpan)
    on_day = sa.select(span.c.status).where(span.c.from_day <= PRESENT, span.c.until_day > PRESENT)

    assert {row.status for row in rows(generated, on_day)} == set(AgreementStatus)


def test_each_life_brings_an_instrument_to_the_status_that_it_names(generated: sa.Engine) -> None:
    span = table(StatusSpan)
    on_day = sa.select(span.c.agreement_id, span.c.status).where(span.c.from_day <= PRESENT, span.c.until_day > PRESENT)
    found = {row.agreement_id: row.status for row in rows(generated, on_day)}

    assert [found[number + 1] for number in range(len(LIVES))] == [life.reaches for life in LIVES]


def test_one_instrument_in_ten_has_an_act_whose_day_is_not_exactly_known(generated: sa.Engine) -> None:
    act = table(agreements.LegalAct)
    imprecise = sa.select(act.c.agreement_id).where(act.c.date_earliest.is_distinct_from(act.c.date_latest)).distinct()

    assert 4 <= len(rows(generated, imprecise)) <= 10


def test_quotas_are_comparable_with_returns_or_not_for_many_reasons(generated: sa.Engine) -> None:
    outcomes = {row.outcome for row in rows(generated, sa.select(table(QuotaUtilisation)))}

    assert {Outcome.COMPARABLE, Outcome.OPEN_TO_ALL, Outcome.OTHER_ORIGINS, Outcome.CONDITIONAL} <= outcomes
    assert {Outcome.LEFT_OPEN, Outcome.NO_RETURNS, Outcome.PERMITS} <= outcomes


def test_no_source_and_no_title_can_be_taken_for_a_fact(generated: sa.Engine) -> None:
    source = table(sources.Source)

    assert {row.kind for row in rows(generated, sa.select(source.c.kind))} == {SourceKind.SYNTHETIC}
    for name in ("agreement.title_as_printed", "company.name", "institution.name", "engagement.title", "source.title"):
        noun, column = name.split(".")
        text = sa.column(column, sa.String)
        plain = sa.select(text).select_from(sa.table(noun, text)).where(text.not_like("SYNTHETIC %"))
        assert rows(generated, plain) == []


def test_the_moment_of_knowledge_is_not_taken_from_the_clock(generated: sa.Engine) -> None:
    assert rows(generated, sa.select(table(RegistryState).c.known_at)) == [(synthetic.KNOWN_AT,)]


def test_records_can_be_added_to_a_generated_registry(any_engine: sa.Engine) -> None:
    synthetic.generate(any_engine, 0.001)
    with changeset(any_engine, "A test.") as changes:
        added = sources.add(
            changes,
            reference="another",
            title="Another",
            kind=SourceKind.PRESS,
            reliability=sources.Reliability.SECONDARY,
            language="en",
        )
        assert added.id == 18


def test_what_is_done_is_told_to_the_end(engine: sa.Engine) -> None:
    told: dict[str, tuple[int, int]] = {}
    synthetic.generate(engine, 0.001, lambda what, done, of: told.update({what: (done, of)}))

    assert told["Placement returns"] == (1000, 1000)
    assert all(done == of for done, of in told.values())


def test_no_return_overlaps_another(changes: Changes) -> None:
    """As many returns for each of four countries as the larger ones have at scale 1."""
    load(changes, SEEDS, only=CODE_LISTS)
    world = begin(Writer(changes, lambda what, done, of: None))
    world.partners = world.partners[:4]
    add_institutions(world, 1)
    add_companies(world, 200)
    add_instruments(world, 40)
    add_returns(world, 24_000)
    placed = table(placements.PlacementReturn)
    groups = defaultdict(list)
    for row in changes.session.execute(sa.select(placed)):
        for month in range(row.period_start.month, row.period_end.month + 1):
            groups[row.country_code, row.measure, row.period_start.year, month].append(row)

    assert sum(len(group) for group in groups.values()) >= 24_000
    assert {row.frequency for group in groups.values() for row in group} == {Frequency.MONTH, Frequency.QUARTER}
    assert [pair for group in groups.values() for pair in combinations(group, 2) if _may_count_the_same(*pair)] == []


def _may_count_the_same(one: Any, other: Any) -> bool:
    """As people see it; all sectors and occupations here are of one level, so that none is part of another."""
    dimensions = ("sector_code", "company_id", "agreement_id", "occupation_code", "sex", "channel")
    stated = [(getattr(one, name), getattr(other, name)) for name in dimensions]
    return all(left is None or right is None or left == right for left, right in stated)


def test_a_registry_that_holds_anything_is_refused_and_left_as_it_is(seeded_copy: sa.Engine) -> None:
    with pytest.raises(Conflict, match="this one holds records"):
        synthetic.generate(seeded_copy, 0.01)

    source = table(sources.Source)
    assert rows(seeded_copy, sa.select(source.c.id).where(source.c.kind == SourceKind.SYNTHETIC)) == []


@pytest.mark.parametrize("scale", [0, -1, 20.5, float("nan"), float("inf")])
def test_an_impossible_scale_is_refused(engine: sa.Engine, scale: float) -> None:
    with pytest.raises(BadInput, match="There is no scale of"):
        synthetic.generate(engine, scale)


def test_on_postgresql_the_rows_are_the_same_as_on_sqlite(engine: sa.Engine, postgres_engine: sa.Engine) -> None:
    both = []
    for each in (engine, postgres_engine):
        synthetic.generate(each, 0.001)
        both.append({kind: rows(each, sa.select(table(kind)).order_by("id")) for kind in _COMPARED})

    assert both[0] == both[1]


_COMPARED = (agreements.Agreement, agreements.LegalAct, companies.Company, quotas.Quota, placements.PlacementReturn)
