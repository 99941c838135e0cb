"""The house keeps its shape: arrows point down, migrations make what models say, and what is there is documented."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from packaging.requirements import Requirement
from typer.main import get_command

from registry.cli import app
from registry.database import migrate, migrations_on
from registry.migrations import NOUNS, described, tables
from registry.settings import Settings

HOME = Path(__file__).resolve().parent.parent
README = (HOME / "README.md").read_text(encoding="utf-8")

# ── Arrows point down ───────────────────────────────────────────────────────────────────────────────────────────────

#: From the ground up. A room may use the rooms on lower floors, and those to the left of it on its own floor.
FLOORS = (
    "codes access errors error_codes settings texts transliteration",
    "language dates telemetry away database bulk folders",
    "visibility history status inputs search lists following repeats",
    "sources countries institutions sectors companies utilisation agreements quotas placements figures engagements"
    " programmes keys",
    "cooperation statistics deadlines gaps knowledge lint exchange verification withdrawal migrations synthetic health"
    " backup",
    "schema.scalars schema.context schema.execution schema.relay schema.mutations schema.nouns schema.roots schema",
    "web progress bench cli __main__",
)
PLACES = {room: (floor, place) for floor, rooms in enumerate(FLOORS) for place, room in enumerate(rooms.split())}


def arrows_up(home: Path) -> list[str]:
    """A sentence for each import in `home` that looks up, and for each room that stands on no floor."""
    found = []
    for file in sorted(file for package in ("registry", "schema") for file in (home / package).rglob("*.py")):
        room = _room(".".join(file.relative_to(home).with_suffix("").parts).removesuffix(".__init__"), home)
        if room not in PLACES and room != "registry":
            found.append(f"{room} stands on no floor.")
            continue
        for module in _imports(ast.parse(file.read_text(encoding="utf-8")), home):
            target = _room(module, home)
            if target != room and not (target in PLACES and PLACES[target] < PLACES[room]):
                found.append(f"{room} ({file.name}) looks up to {target}.")
    return found


def _room(module: str, home: Path) -> str:
    """The room that a module is in: `registry.web.app` is in `web`, `schema.agreements` in `schema.nouns`."""
    package, *inner = module.split(".")
    if package == "registry":
        return inner[0] if inner else "registry"
    if not inner:
        return "schema"
    room = f"schema.{inner[0]}"
    return room if room in PLACES else "schema.nouns"


def _imports(tree: ast.Module, home: Path) -> Iterator[str]:
    """The modules of the project that are imported when the code runs."""
    for node in _running(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"a relative import of {node.module}"
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if _is_module(name, home) else str(node.module) for name in within]
        yield from (name for name in names if name.split(".")[0] in ("registry", "schema"))


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def _is_module(name: str, home: Path) -> bool:
    path = home.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def test_arrows_point_down() -> None:
    assert arrows_up(HOME) == []


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        ("registry/countries.py", "from schema import schema", "countries (countries.py) looks up to schema."),
        ("registry/database.py", "from registry import history", "database (database.py) looks up to history."),
        ("registry/sources.py", "import registry.quotas", "sources (sources.py) looks up to quotas."),
        (
            "schema/scalars.py",
            "from schema.context import Context",
            "schema.scalars (scalars.py) looks up to schema.context.",
        ),
        ("schema/relay.py", "def f():\n    import registry.web.app", "schema.relay (relay.py) looks up to web."),
        ("registry/later.py", "", "later stands on no floor."),
    ],
)
def test_an_arrow_that_points_up_is_found(tmp_path: Path, file: str, line: str, sentence: str) -> None:
    for package in ("registry", "schema"):
        shutil.copytree(HOME / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")

    assert set(arrows_up(tmp_path)) - set(arrows_up(HOME)) == {sentence}


def test_what_only_a_type_checker_reads_is_no_arrow() -> None:
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import schema\nelse:\n    import registry.codes"

    assert list(_imports(ast.parse(code), HOME)) == []
    assert list(_imports(ast.parse(code.splitlines()[2].strip()), HOME)) == ["schema"]


def test_every_room_has_a_real_name() -> None:
    nameless = {"utils", "util", "helpers", "common", "base", "misc"}

    assert [
        file for package in ("registry", "schema") for file in (HOME / package).rglob("*.py") if file.stem in nameless
    ] == []


def test_no_other_distribution_offers_our_packages() -> None:
    """The public package `schema` would be imported in place of ours, or ours in place of it."""
    offered = importlib.metadata.packages_distributions()

    assert {name for package in ("registry", "schema", "seeds") for name in offered.get(package, [])} <= {
        "bilateral-registry"
    }


# ── Migrations make what the models say ─────────────────────────────────────────────────────────────────────────────


def test_migrations_make_the_tables_of_the_models(any_engine: sa.Engine) -> None:
    with any_engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"include_name": described}), tables()
        )

    # SQLite keeps no comments, so a migration that is written on it never changes one.
    assert [change for change in differences if not _is_of_comments(change)] == [], (
        'write a migration: python -m registry migrate new "what it changes"'
    )


def _is_of_comments(change: Any) -> bool:
    return isinstance(change, list) and all(step[0] == "modify_comment" for step in change)


def test_migrations_know_every_noun_with_tables() -> None:
    """Else the models of a noun that is not imported would be missing on both sides of the comparison."""
    known = {noun.__name__ for noun in NOUNS}
    for file in (HOME / "registry").rglob("*.py"):
        if re.search(r"^class .*\btable=True\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            module = ".".join(file.relative_to(HOME).with_suffix("").parts[:2])
            assert module in known


def test_migrating_down_leaves_nothing_behind(any_engine: sa.Engine) -> None:
    with any_engine.begin() as connection:
        command.downgrade(migrations_on(connection), "base")
    assert sa.inspect(any_engine).get_table_names() == ["alembic_version"]

    migrate(any_engine)
    held = {name for name in sa.inspect(any_engine).get_table_names() if described(name, "table", None)}
    assert held == {"alembic_version", *tables().tables}


def test_text_on_postgresql_sorts_by_code_point_as_on_sqlite(postgres_engine: sa.Engine) -> None:
    with postgres_engine.connect() as connection:
        otherwise = connection.exec_driver_sql(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
            " AND data_type IN ('text', 'character varying', 'character')"
            " AND collation_name IS DISTINCT FROM 'C'"
        ).all()

    assert otherwise == []


def test_every_column_says_what_it_means() -> None:
    silent = [str(column) for table in tables().tables.values() for column in table.columns if not column.comment]

    assert [name for name in silent if not name.endswith(".id")] == []


# ── What is there is documented, and what is needed is locked ───────────────────────────────────────────────────────


def test_the_readme_documents_every_setting_with_its_default_and_its_help() -> None:
    for name, field in Settings.model_fields.items():
        assert f"| `REGISTRY_{name.upper()}` | `{field.default}` | {field.description} |" in README


def test_the_readme_documents_every_command() -> None:
    for name in commands(get_command(app)):
        assert re.search(rf"^\| `python -m registry {name}\b", README, re.MULTILINE), name


def commands(group: Any, path: str = "") -> Iterator[str]:
    """The names of all commands, such as `serve` and `migrate new`."""
    for name, inner in group.commands.items():
        yield f"{path}{name}"
        if hasattr(inner, "commands"):
            yield from commands(inner, f"{path}{name} ")


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.txt", ["postgres", "pdf"]), ("requirements-test.txt", ["postgres", "pdf", "test", "otel"])],
)
def test_the_lock_holds_what_the_project_needs(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = project["dependencies"] + [need for extra in extras for need in project["optional-dependencies"][extra]]
    text = (HOME / lock).read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    for need in map(Requirement, needed):
        assert need.name in locked
        assert need.specifier.contains(locked[need.name])
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


def test_whoever_has_the_schema_knows_all_tables_that_the_log_tells_of() -> None:
    """A process that answers from the schema alone, as the annex does, has to name the columns of every record."""
    known = "import schema; from sqlmodel import SQLModel; print(*sorted(SQLModel.metadata.tables))"
    told = subprocess.run([sys.executable, "-c", known], cwd=HOME, capture_output=True, text=True, check=True).stdout

    assert told.split() == sorted(tables().tables)
