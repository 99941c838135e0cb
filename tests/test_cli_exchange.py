"""The commands import and export, run as somebody at a terminal runs them: what they say, write and leave alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.database import open_engine
from registry.exchange import exporting
from registry.history import changeset
from tests.commands import run
from tests.factories import make_agreement
from tests.workbooks import far_off

SOURCES = "reference,title,kind,reliability,language\n"
GOOD = "a,A title,PRESS,SECONDARY,en\n"
BAD = "b,A title,GOSSIP,SECONDARY,en\n"
TREATIES = "reference,title_as_printed,type,parties,source_1,note_1\n"


pytestmark = pytest.mark.usefixtures("folder")


def told(url: str, statement: str) -> list[Any]:
    """What a statement finds, its first column."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = list(connection.exec_driver_sql(statement).scalars())
    engine.dispose()
    return found


# ── In ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_registry_is_given_the_code_lists_first(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "sources.csv").write_text(SOURCES + GOOD, encoding="utf-8")
    (folder / "agreements.csv").write_text(f"{TREATIES}uz-de,A treaty,TREATY,UZ | DE,a,So.\n", encoding="utf-8")
    command = ("import", "sources.csv", "agreements.csv", "--database-url", "sqlite:///new.db")

    assert run(*command, "--dry-run") == 0
    assert told("sqlite:///new.db", "SELECT code FROM country") == []

    assert run(*command, "--reason", "Try") == 0

    assert "The registry had no code lists" in capsys.readouterr().out
    reasons = told("sqlite:///new.db", "SELECT reason FROM change GROUP BY reason, at ORDER BY at")
    assert reasons == ["The code lists were loaded.", "Try"]
    assert run("verify", "--database-url", "sqlite:///new.db") == 0


def test_an_import_that_is_refused_leaves_a_new_registry_new(folder: Path) -> None:
    (folder / "sources.csv").write_text(SOURCES + BAD, encoding="utf-8")

    assert run("import", "sources.csv", "--reason", "Try", "--database-url", "sqlite:///new.db") == 1

    assert told("sqlite:///new.db", "SELECT code FROM country") == []
    assert told("sqlite:///new.db", "SELECT sequence FROM change") == []


def test_an_import_of_which_every_row_is_left_out_fails(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "sources.csv").write_text(SOURCES + BAD, encoding="utf-8")
    command = ("import", "sources.csv", "--reason", "Try", "--on-error", "skip", "--database-url", "sqlite:///new.db")

    assert run(*command) == 1

    assert "Nothing was written." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("report", "words"), [("nowhere/report.json", "There is no folder nowhere"), (".", ". is a folder.")]
)
def test_a_report_that_cannot_be_written_is_told_before_anything_is(
    capsys: pytest.CaptureFixture[str], folder: Path, report: str, words: str
) -> None:
    (folder / "sources.csv").write_text(SOURCES + GOOD, encoding="utf-8")

    assert run("import", "sources.csv", "--reason", "Try", "--json", report, "--database-url", "sqlite:///new.db") == 1

    assert words in capsys.readouterr().err
    assert not (folder / "new.db").exists()


def test_an_import_tells_the_fields_that_it_revises(
    capsys: pytest.CaptureFixture[str], folder: Path, seeded_copy: sa.Engine
) -> None:
    with changeset(seeded_copy, "A test.") as changes:
        make_agreement(changes)
    row = "reference,title_as_printed,type,parties,article_count\nuz-de,A,INTERGOVERNMENTAL_AGREEMENT,UZ | DE,7\n"
    (folder / "agreements.csv").write_text(row, encoding="utf-8")
    command = ("import", "agreements.csv", "--dry-run", "--json", "report.json", "--database-url", str(seeded_copy.url))

    assert run(*command) == 0

    assert "article_count" in capsys.readouterr().out
    (revised,) = json.loads((folder / "report.json").read_bytes())["revisions"]
    assert (revised["record"], revised["row"]) == ("uz-de", 2)
    assert revised["fields"] == ["title_as_printed", "article_count"]


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_files_of_an_export_are_of_one_moment(
    folder: Path, seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = exporting.write

    def write_while_others_do(parts: Any, target: Path) -> int:
        written = write(parts, target)
        if target.stem == "sources":
            with changeset(seeded_copy, "Meanwhile.") as changes:
                make_agreement(changes, "meanwhile")
        return written

    monkeypatch.setattr(exporting, "write", write_while_others_do)

    assert run("export", "sources", "agreements", "--database-url", str(seeded_copy.url)) == 0

    assert "\nmeanwhile," not in (folder / "agreements.csv").read_text(encoding="utf-8")
    assert told(str(seeded_copy.url), "SELECT reference FROM agreement WHERE reference = 'meanwhile'")


@pytest.mark.parametrize("out", ["file.zip", "file.zip/out"])
def test_a_folder_that_cannot_be_made_is_told(
    capsys: pytest.CaptureFixture[str], folder: Path, seeded: sa.Engine, out: str
) -> None:
    (folder / "file.zip").touch()

    assert run("export", "sources", "--folder", out, "--database-url", str(seeded.url)) == 1

    said = capsys.readouterr().err
    assert said.startswith(f"The folder {out} cannot be made: ")
    assert "Choose another --folder." in said


def test_a_file_that_cannot_be_replaced_is_told(
    capsys: pytest.CaptureFixture[str], folder: Path, seeded: sa.Engine
) -> None:
    (folder / "sources.csv").mkdir()

    assert run("export", "sources", "--overwrite", "--database-url", str(seeded.url)) == 1

    assert capsys.readouterr().err.startswith("sources.csv cannot be written: ")
    assert [file.name for file in folder.iterdir() if file.suffix == ".part"] == []


def test_a_workbook_with_a_cell_far_off_is_refused_with_the_cell(
    capsys: pytest.CaptureFixture[str], folder: Path, seeded: sa.Engine
) -> None:
    (folder / "sources.xlsx").write_bytes(far_off("XFD1048576"))

    assert run("import", "sources.xlsx", "--dry-run", "--database-url", str(seeded.url)) == 1

    assert "A sheet of the workbook reaches as far as XFD1048576." in capsys.readouterr().err


def test_what_was_known_at_a_moment_is_exported(
    capsys: pytest.CaptureFixture[str], folder: Path, seeded_copy: sa.Engine
) -> None:
    (before,) = told(str(seeded_copy.url), "SELECT max(at) FROM change")
    with changeset(seeded_copy, "A test.") as changes:
        make_agreement(changes, "later")
    command = ("export", "agreements", "--database-url", str(seeded_copy.url))

    assert run(*command, "--folder", "now") == 0
    assert run(*command, "--folder", "then", "--known-at", str(before)) == 0
    assert run(*command, "--folder", "today", "--known-at", "2999-01-01") == 0
    assert run(*command, "--folder", "never", "--known-at", "1999-01-01") == 1

    assert "Nothing was known yet" in capsys.readouterr().err
    now, then, today = ((folder / name / "agreements.csv").read_text() for name in ("now", "then", "today"))
    assert "\nlater," in now
    assert today == now
    assert then == "".join(line for line in now.splitlines(keepends=True) if not line.startswith("later,"))
