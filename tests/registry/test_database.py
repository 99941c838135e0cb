"""The engine: what holds on SQLite and PostgreSQL alike."""

import operator
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.access import PUBLIC
from registry.away import reached
from registry.cli.doctor import findings
from registry.database import (
    WRITES,
    as_kept,
    migrate,
    newest_version,
    open_engine,
    open_existing,
    probed,
    version_of,
)
from registry.errors import DatabaseHeld, DatabaseUnavailable
from registry.health import State
from registry.history import changeset
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


# ── A database that is held, is not there, or does not fit ──────────────────────────────────────────────────────────


@contextmanager
def held(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """An engine on the same SQLite file whose patience is short, while another goes on writing."""
    monkeypatch.setattr("registry.database.BUSY", 0.1)
    impatient = open_engine(engine.url.render_as_string())
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield impatient
    impatient.dispose()


def test_whoever_would_write_while_others_do_is_told_to_come_again(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(seeded_copy, monkeypatch) as engine:
        with pytest.raises(DatabaseHeld, match="Somebody else is writing") as refusal, changeset(engine, "A test."):
            pass
        assert (refusal.value.code, refusal.value.hint) == ("OVERLOADED", f"Ask again in {refusal.value.seconds} s.")
    with changeset(seeded_copy, "A test."):  # which leaves nothing locked
        pass


def test_on_either_database_a_second_writer_waits_no_longer_than_is_said(
    any_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changeset(any_engine, "The first."):
        monkeypatch.setattr("registry.database.BUSY", 0.1)
        impatient = open_engine(any_engine.url.render_as_string(hide_password=False))
        with pytest.raises(DatabaseHeld, match="Somebody else is writing"), changeset(impatient, "The second."):
            pass
    with changeset(impatient, "The second again."):
        pass
    impatient.dispose()


def test_tables_that_are_of_the_newest_version_are_found_so_while_others_write(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(seeded_copy, monkeypatch) as engine:
        migrate(engine)
        with engine.connect() as connection:
            assert version_of(connection) == newest_version()


def test_tables_of_an_older_version_wait_for_others_and_say_so(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with seeded_copy.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with held(seeded_copy, monkeypatch) as engine, pytest.raises(DatabaseHeld):
        migrate(engine)


def test_a_database_that_cannot_be_reached_while_writing_is_told(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://nobody@/registry?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable, match="does not answer"), changeset(engine, "A test."):
        pass


def test_a_fault_of_a_statement_is_not_taken_for_a_database_that_is_away(any_engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="nowhere"), changeset(any_engine, "A test.") as changes:
        changes.session.connection().exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_file_that_is_not_there_is_not_made_by_whoever_reads(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=f"There is no database at {tmp_path}/other.db."):
        open_existing(f"sqlite:///{tmp_path}/other.db")

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_to_a_file_that_has_lost_its_name(engine: sa.Engine, tmp_path: Path) -> None:
    file, other = Path(str(engine.url.database)), tmp_path / "other.db"
    with engine.connect() as connection:
        version_of(connection)
    file.rename(other)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="not where it was"), changeset(engine, "A test."):
            pass
    shutil.copyfile(other, file)
    with pytest.raises(DatabaseUnavailable, match="not where it was"), changeset(engine, "A test."):
        pass
    other.rename(file)
    with engine.execution_options(**WRITES).begin() as connection:
        connection.exec_driver_sql("DELETE FROM region")


def test_an_address_may_begin_with_postgres_and_is_shown_as_people_write_it() -> None:
    engine = open_engine("postgres://me:secret@127.0.0.1:1/registry")

    with pytest.raises(DatabaseUnavailable) as refusal:
        migrate(engine)
    assert refusal.value.message.startswith("The database at postgresql://me:***@127.0.0.1:1/registry cannot be used: ")


def _full(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA max_page_count = 1")
    return connection


def _closed_to_writers(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)


@pytest.mark.parametrize(
    ("opened", "sentence"),
    [
        (_full, "There is no room left for the database."),
        (_closed_to_writers, "The database is read-only at the moment."),
    ],
)
def test_why_a_file_cannot_be_written_is_told_and_the_log_has_it_once(
    tmp_path: Path,
    opened: Callable[[Path], sqlite3.Connection],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("registry.away._WARNED", {})
    sqlite3.connect(tmp_path / "file.db").execute("PRAGMA user_version = 1").connection.close()
    with closing(opened(tmp_path / "file.db")) as connection:
        for _ in range(3):
            with pytest.raises(DatabaseUnavailable) as refusal, reached():
                connection.execute("CREATE TABLE more (number INTEGER)")
            assert refusal.value.message == sentence
            assert "again" not in str(refusal.value.hint)

    (line,) = caplog.messages
    assert line.startswith("The database cannot be used: ")


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_postgresql_database_that_lacks_letters_is_refused(postgres_server: sa.URL, encoding: str) -> None:
    name = f"registry_test_{encoding.lower()}"
    administer = sa.create_engine(postgres_server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    made = f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc"
    with administer.connect() as connection:
        connection.exec_driver_sql(made)
        try:
            url = postgres_server.set(database=name).render_as_string(hide_password=False)
            (found,) = (one for one in findings(database_url=url) if one.name == "database")
            assert found.state is State.FAIL
            assert encoding in found.told
            engine = open_engine(url)
            for _ in range(2):
                with pytest.raises(DatabaseUnavailable, match=encoding) as refusal:
                    migrate(engine)
                assert "UTF8" in str(refusal.value.hint)
            engine.dispose()
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    administer.dispose()
