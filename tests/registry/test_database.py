"""The engine: what holds on SQLite and PostgreSQL alike."""

import operator
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.access import PUBLIC
from registry.database import WRITES, as_kept, migrate, open_engine, probed
from registry.visibility import viewing

HOME = Path(__file__).resolve().parents[2]


def test_those_who_write_wait_for_one_another(any_engine: sa.Engine) -> None:
    writing = any_engine.execution_options(**WRITES)
    order: list[str] = []
    first_is_in = threading.Event()

    def second() -> None:
        first_is_in.wait()
        with writing.begin():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with writing.begin():
        first_is_in.set()
        thread.join(0.3)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_those_who_read_do_not_wait_and_see_one_moment(seeded_copy: sa.Engine) -> None:
    count = sa.text("SELECT count(*) FROM region")
    with seeded_copy.connect() as reading:
        before = reading.execute(count).scalar_one()
        with seeded_copy.execution_options(**WRITES).begin() as writing:
            writing.exec_driver_sql("INSERT INTO region (code, name_en) VALUES ('999', 'Nowhere')")
        assert reading.execute(count).scalar_one() == before
    with seeded_copy.connect() as reading:
        assert reading.execute(count).scalar_one() == before + 1


def test_days_as_they_are_kept_compare_as_days_do(any_engine: sa.Engine) -> None:
    days = sa.Table("days", sa.MetaData(), sa.Column("day", sa.Date), prefixes=["TEMPORARY"])
    given = [date(1, 1, 1), date(999, 12, 31), date(2024, 2, 29), date(2024, 3, 1), date.max, None]
    with any_engine.connect() as connection:
        days.create(connection)
        connection.execute(days.insert(), [{"day": day} for day in given])
        for bound in filter(None, given):
            for compare in (operator.lt, operator.le, operator.eq, operator.ge, operator.gt):
                plain, kept = (compare(column, bound) for column in (days.c.day, as_kept(days.c.day)))
                found = [set(connection.execute(sa.select(days.c.day).where(each)).scalars()) for each in (plain, kept)]
                assert found[0] == found[1] == {day for day in given if day and compare(day, bound)}


def test_foreign_keys_are_enforced_also_after_migrating(any_engine: sa.Engine) -> None:
    migrate(any_engine)

    with any_engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("INSERT INTO quota_origin (quota_id, country_code) VALUES (1, 'XX')")


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    engine = open_engine(f"sqlite:///{tmp_path}/registry.db")
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.batch_alter_table", fail)
        with pytest.raises(RuntimeError, match="in the middle"):
            migrate(engine)
    assert sa.inspect(engine).get_table_names() == []

    migrate(engine)
    assert "agreement" in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_several_may_migrate_a_new_database_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "registry", "migrate", "--database-url", f"sqlite:///{tmp_path}/registry.db"]
    running = [subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL) for _ in range(3)]

    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_statements_are_not_compiled_to_machine_code_whatever_becomes_of_a_transaction(
    postgres_engine: sa.Engine,
) -> None:
    for engine in (postgres_engine, viewing(postgres_engine, [PUBLIC])):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
            connection.rollback()
            assert connection.exec_driver_sql("SHOW jit").scalar() == "off"


def test_what_is_probed_is_looked_for_each_time_on_postgresql_and_is_the_same_on_both(any_engine: sa.Engine) -> None:
    three = sa.union_all(*(sa.select(sa.literal(number).label("n")) for number in (1, 2, 3)))
    numbers, others = three.subquery("numbers"), three.subquery("others")
    query = (
        sa.select(numbers.c.n)
        .where(sa.or_(probed(others.c.n == numbers.c.n + 1), numbers.c.n == 0))
        .order_by(numbers.c.n)
    )
    with any_engine.connect() as connection:
        assert connection.execute(query).scalars().all() == [1, 2]
    offset = "OFFSET 0" in str(query.compile(any_engine))
    assert offset == (any_engine.dialect.name == "postgresql")
