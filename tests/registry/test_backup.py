"""Backups: taken while others write, restored on either database, and what is no whole backup is refused."""

import asyncio
import fcntl
import json
import os
import shutil
import sqlite3
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from registry import keys, verification
from registry.access import Role
from registry.backup import BadBackup, back_up, restore
from registry.backup.archive import DATABASE, MANIFEST
from registry.backup.workplace import workplace
from registry.database import highest_id, open_engine
from registry.engagements import Engagement
from registry.exchange import load_seeds
from registry.history import changeset
from registry.search import SearchEntry
from registry.settings import Settings
from schema import schema
from schema.context import Context
from tests.servers import until
from tests.web.talking import record, writing


def address(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def source(request: pytest.FixtureRequest) -> sa.Engine:
    """A registry with the seeds, to write in, on each database."""
    if request.param == "sqlite":
        return request.getfixturevalue("seeded_copy")  # type: ignore[no-any-return]
    engine: sa.Engine = request.getfixturevalue("postgres_engine")
    load_seeds(engine)
    return engine


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def rows(engine: sa.Engine) -> dict[str, list[sa.Row[tuple[object, ...]]]]:
    """All that a registry holds but its index of words, which each database has in a way of its own."""
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))
            for table in SQLModel.metadata.sorted_tables
            if table.name != SearchEntry.__tablename__
        }


class Writer:
    """Writes without pause, one change after another, until it is told to end."""

    def __init__(self, engine: sa.Engine) -> None:
        self.written = 0
        self._engine, self._ended = engine, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> "Writer":
        self._thread.start()
        until(lambda: self.written > 2, "nothing was written")
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        with writing(self._engine) as engine:
            while not self._ended.is_set():
                with changeset(engine, "Load.") as changes:
                    keys.create(changes, name=f"load-{self.written}", role=Role.READER)
                self.written += 1


def test_a_backup_taken_while_others_write_restores_to_a_sound_registry_on_either_database(
    source: sa.Engine, postgres_url: str, tmp_path: Path
) -> None:
    with Writer(source) as writer:
        before = writer.written
        made = back_up(source, tmp_path / "backup.zip")
        at_end = writer.written
        until(lambda: writer.written > at_end + 2, "the backup kept others from writing")

    for url in (f"sqlite:///{tmp_path}/restored.db", postgres_url):
        assert restore(tmp_path / "backup.zip", url) == made
        with opened(url) as restored:
            assert verification.verify(restored) == []
            with restored.connect() as connection:
                held = connection.scalar(sa.text("SELECT count(*) FROM api_key WHERE name LIKE 'load-%'"))
                state = connection.execute(sa.text("SELECT sequence, digest FROM registry_state")).one()
        assert before <= held <= at_end + 1
        assert tuple(state) == (made.sequence, made.digest)


def test_a_registry_that_goes_from_one_database_to_the_other_and_back_is_the_same(
    seeded_copy: sa.Engine, postgres_url: str, tmp_path: Path
) -> None:
    with changeset(seeded_copy, "A key.") as changes:
        _, secret = keys.create(changes, name="Somebody", role=Role.ADMIN)
    back_up(seeded_copy, tmp_path / "there.zip")
    restore(tmp_path / "there.zip", postgres_url)
    with opened(postgres_url) as there:
        back_up(there, tmp_path / "back.zip")
        assert keys.holder(there, secret)[1].name == "Somebody"
    restore(tmp_path / "back.zip", f"sqlite:///{tmp_path}/back.db", verify=True)

    with opened(f"sqlite:///{tmp_path}/back.db") as back:
        assert rows(back) == rows(seeded_copy)
        assert keys.holder(back, secret)[1].name == "Somebody"


def test_what_is_restored_is_found_by_its_words(seeded_copy: sa.Engine, postgres_url: str, tmp_path: Path) -> None:
    back_up(seeded_copy, tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", postgres_url)
    query = '{ search(text: "labour", first: 5) { totalCount nodes { ... on Agreement { title } } } }'
    with opened(postgres_url) as restored:
        told, expected = (
            asyncio.run(schema.execute(query, context_value=Context(engine, Settings())))
            for engine in (restored, seeded_copy)
        )
    assert told.errors is None
    assert told.data == expected.data


def test_ids_of_records_that_have_gone_are_not_given_again_after_a_restore(
    source: sa.Engine, postgres_url: str, tmp_path: Path
) -> None:
    table = SQLModel.metadata.tables[str(Engagement.__tablename__)]
    with source.begin() as connection:
        last = connection.scalar(sa.select(sa.func.max(table.c.id)))
        if source.dialect.name == "sqlite":
            connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = seq + 7 WHERE name = 'engagement'")
        else:
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('engagement', 'id'), {last + 7})")
    back_up(source, tmp_path / "backup.zip")

    for url in (f"sqlite:///{tmp_path}/restored.db", postgres_url):
        restore(tmp_path / "backup.zip", url)
        with opened(url) as restored, restored.connect() as connection:
            assert highest_id(connection, table) == last + 7


# ── What is there already ───────────────────────────────────────────────────────────────────────────────────────────


def test_records_are_replaced_only_where_that_is_said(source: sa.Engine, tmp_path: Path) -> None:
    url = address(source)
    back_up(source, tmp_path / "backup.zip")
    before = rows(source)
    record(source, "later")
    source.dispose()

    with pytest.raises(BadBackup, match="records in this database"):
        restore(tmp_path / "backup.zip", url)
    restore(tmp_path / "backup.zip", url, force=True)
    with opened(url) as restored:
        assert rows(restored) == before


def test_a_database_that_is_in_use_is_not_replaced(source: sa.Engine, tmp_path: Path) -> None:
    back_up(source, tmp_path / "backup.zip")
    record(source, "later")
    with source.connect() as connection:
        connection.execute(sa.text("SELECT 1 FROM sector"))
        with pytest.raises(BadBackup, match="in use"):
            restore(tmp_path / "backup.zip", address(source), force=True)

        assert connection.scalar(sa.text("SELECT count(*) FROM sector WHERE code = 'later'")) == 1


def test_a_restore_that_fails_leaves_the_database_as_it_was(
    source: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(source, tmp_path / "backup.zip")
    record(source, "later")
    before, url = rows(source), address(source)
    source.dispose()
    monkeypatch.setattr("registry.verification.verify", lambda engine: ["It is not sound."])

    with pytest.raises(BadBackup, match="It is not sound"):
        restore(tmp_path / "backup.zip", url, force=True, verify=True)
    with opened(url) as kept:
        assert rows(kept) == before


# ── What is no whole backup ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def archive(engine: sa.Engine, tmp_path: Path) -> Path:
    """A backup of a registry with one change."""
    with changeset(engine, "A key.") as changes:
        keys.create(changes, name="Somebody", role=Role.READER)
    back_up(engine, tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


def packed(archive: Path, manifest: dict[str, object], database: bytes) -> None:
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr(MANIFEST, json.dumps(manifest))
        made.writestr(DATABASE, database)


def parts(archive: Path) -> tuple[dict[str, object], bytes]:
    with zipfile.ZipFile(archive) as opened:
        return json.loads(opened.read(MANIFEST)), opened.read(DATABASE)


def refused(archive: Path) -> str:
    """Why a backup is refused; nothing is made of it."""
    target = archive.with_name("target.db")
    with pytest.raises(BadBackup) as refusal:
        restore(archive, f"sqlite:///{target}")
    assert not target.exists()
    assert [file.name for file in archive.parent.glob(".registry-*")] == []
    return refusal.value.message


def test_a_backup_that_was_cut_off_or_altered_is_refused(archive: Path) -> None:
    whole = archive.read_bytes()
    manifest, database = parts(archive)
    for cut in (0, 10, len(whole) // 2, len(whole) - 30):
        archive.write_bytes(whole[:cut])
        assert "is not a whole backup" in refused(archive)
    archive.write_bytes(whole[: len(whole) // 2] + bytes(200) + whole[len(whole) // 2 + 200 :])
    assert "is not a whole backup" in refused(archive)
    packed(archive, manifest, database[:-1] + b"x")
    assert "damaged" in refused(archive)
    packed(archive, manifest, database * 2)
    assert "damaged" in refused(archive)
    packed(archive, {**manifest, "sequence": 7}, database)
    assert "does not end where" in refused(archive)
    packed(archive, {**manifest, "format": 99}, database)
    assert "newer registry" in refused(archive)
    packed(archive, {"format": 1}, database)
    assert "is not a whole backup" in refused(archive)
    archive.unlink()
    assert "There is no file" in refused(archive)


def test_what_is_no_registry_is_not_backed_up(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/empty.db") as empty, pytest.raises(BadBackup, match="no registry"):
        back_up(empty, tmp_path / "backup.zip")
    sqlite3.connect(tmp_path / "broken.db").close()
    (tmp_path / "broken.db").write_bytes(b"no database " * 1_000)
    with opened(f"sqlite:///{tmp_path}/broken.db") as broken, pytest.raises(BadBackup, match="cannot be read"):
        back_up(broken, tmp_path / "backup.zip")

    assert not (tmp_path / "backup.zip").exists()


def test_a_backup_that_fails_leaves_the_one_before(
    engine: sa.Engine, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("registry.backup.making.pack", full)
    with pytest.raises(BadBackup, match="No space left"):
        back_up(engine, archive)

    assert archive.read_bytes() == before
    assert [file.name for file in archive.parent.glob(".registry-*")] == []


def test_only_its_owner_can_read_a_backup_and_what_was_restored(archive: Path) -> None:
    restore(archive, f"sqlite:///{archive.parent}/restored.db")

    assert archive.stat().st_mode & 0o777 == (archive.parent / "restored.db").stat().st_mode & 0o777 == 0o600


def test_the_registry_in_a_backup_can_be_opened_as_it_is(archive: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(archive, tmp_path / "unpacked", "zip")

    with opened(f"sqlite:///{tmp_path}/unpacked/{DATABASE}") as unpacked:
        assert verification.verify(unpacked) == []


# ── What a backup does not take the place of ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
@pytest.mark.parametrize("way", ["itself", "around", "link", "hard link"])
def test_a_backup_never_takes_the_place_of_the_database(
    engine: sa.Engine, tmp_path: Path, ending: str, way: str
) -> None:
    with engine.connect() as connection:  # so that there are files beside it
        connection.execute(sa.text("SELECT 1 FROM sector"))
        place = Path(str(engine.url.database) + ending)
        (tmp_path / "folder").mkdir()
        other = {"around": tmp_path / "folder" / ".." / place.name, "itself": place}.get(way, tmp_path / "other.zip")
        if way == "link":
            other.symlink_to(place)
        elif way == "hard link":
            other.hardlink_to(place)
        before = place.stat()

        with pytest.raises(BadBackup, match="belongs to the database") as refusal:
            back_up(engine, other)
        assert refusal.value.hint
        assert (place.stat().st_ino, place.stat().st_size) == (before.st_ino, before.st_size)


def test_a_backup_does_not_take_a_name_that_the_database_will_need(engine: sa.Engine) -> None:
    place = Path(str(engine.url.database) + "-wal")
    engine.dispose()
    assert not place.exists()

    with pytest.raises(BadBackup, match="belongs to the database"):
        back_up(engine, place)
    assert not place.exists()


def test_only_an_older_backup_is_replaced(engine: sa.Engine, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "report.zip").write_text("Months of work.")
    with zipfile.ZipFile(tmp_path / "others.zip", "w") as made:
        made.writestr("manifest.json", "{}")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latest.zip").symlink_to(archive)
    (tmp_path / "lost.zip").symlink_to(tmp_path / "nowhere")
    before = {file.name: file.lstat().st_ino for file in tmp_path.iterdir()}

    for name in ("report.zip", "others.zip"):
        with pytest.raises(BadBackup, match="no whole backup of a registry"):
            back_up(engine, tmp_path / name)
    for name in ("folder", "pipe", "latest.zip", "lost.zip"):
        with pytest.raises(BadBackup, match="is no regular file"):
            back_up(engine, tmp_path / name)
    assert {file.name: file.lstat().st_ino for file in tmp_path.iterdir()} == before

    manifest, database = parts(archive)
    packed(archive, {**manifest, "format": 99}, database)  # of a newer registry
    assert back_up(engine, archive).sequence == manifest["sequence"]


def test_a_registry_is_restored_to_where_a_link_leads_and_to_nothing_but_a_file(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "linked.db").symlink_to(tmp_path / "disk" / "real.db")
    restore(archive, f"sqlite:///{tmp_path}/linked.db")
    assert (tmp_path / "linked.db").is_symlink()
    assert (tmp_path / "disk" / "real.db").stat().st_size

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadBackup, match="is no regular file"):
        restore(archive, f"sqlite:///{tmp_path}/pipe", force=True)
    assert (tmp_path / "pipe").is_fifo()


# ── What is left behind ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_killed_process_has_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    names = (".registry-backup-left", ".registry-backup-held", ".registry-backup-new", ".registry-backup-file", "other")
    left, held, new, file, other = (tmp_path / name for name in names)
    file.write_text("A file.")
    for folder in (left, held, new, other):
        folder.mkdir()
        (folder / "registry.db").write_text("All of a registry.")
    long_ago = time.time() - 3_600
    for each in (left, held, file, other):
        os.utime(each, (long_ago, long_ago))
    hold = os.open(held, os.O_RDONLY)
    fcntl.flock(hold, fcntl.LOCK_EX)

    with workplace("backup", tmp_path) as first:
        os.utime(first, (long_ago, long_ago))
        with workplace("backup", tmp_path):  # another, at the same time
            assert first.is_dir()
    os.close(hold)

    assert {each.name for each in tmp_path.iterdir()} == {*names} - {left.name}
