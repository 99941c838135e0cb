"""The engine: what holds on SQLite and PostgreSQL alike."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.database import WRITES, migrate, open_engine

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
