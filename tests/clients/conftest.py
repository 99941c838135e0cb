"""What tests with foreign clients stand on: a desk with their packages, and a server that may be written to."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.access import Actor, Role
from registry.history import changeset
from registry.settings import Settings
from tests.factories import make_key
from tests.servers import HOME, serving

HERE = Path(__file__).parent

#: Oldest major version of Node on which all of the packages run.
LEAST_NODE = 20


class Desk:
    """A folder in which Node finds the clients' packages, with this folder's scripts."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self.folder = folder
        shutil.copytree(HERE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "node_modules"))
        shutil.copyfile(HOME / "schema" / "schema.graphql", folder / "schema.graphql")
        (folder / "node_modules").symlink_to(packages)

    def run(self, *command: str, **environment: str) -> str:
        """What a command prints; fails the test where it fails."""
        path = f"{self.folder / 'node_modules' / '.bin'}:{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def check(self, script: str, number: int, **environment: str) -> None:
        """Runs a script of that many checks at least; fails the test with what it finds wrong."""
        found: dict[str, str | None] = json.loads(self.run("node", script, **environment))
        wrong = [f"{name}: {problem}" for name, problem in found.items() if problem]
        assert not wrong, "\n".join(wrong)
        assert len(found) >= number


@pytest.fixture(scope="session")
def packages() -> Path:
    """The installed packages: of the folder REGISTRY_TEST_CLIENTS, else of this one."""
    given = os.environ.get("REGISTRY_TEST_CLIENTS")
    installed = Path(given or HERE) / "node_modules"
    lacking = None
    if _node() < LEAST_NODE:
        lacking = f"Node {LEAST_NODE} or newer"
    elif not given and not (installed / ".package-lock.json").exists():
        lacking = "`npm ci` in tests/clients"
    if lacking:
        pytest.skip(f"NOT TESTED WITH THE CLIENTS' OWN PACKAGES: they need {lacking}; .ci/run brings them")
    assert (installed / ".package-lock.json").exists(), f"the clients' packages are not in {installed}"
    return installed


def _node() -> int:
    """The major version of Node; 0 where there is none."""
    if shutil.which("node") is None:
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])


@pytest.fixture
def desk(packages: Path, tmp_path: Path) -> Desk:
    """A desk of one's own."""
    return Desk(tmp_path / "desk", packages)


@dataclass(frozen=True)
class Written:
    """A server of the seeds that may be written to, and an editor's key."""

    address: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        return {"REGISTRY_ADDRESS": self.address, "REGISTRY_KEY": self.key}


@pytest.fixture
def written(seeded_copy: sa.Engine) -> Iterator[Written]:
    """A server of the seeds that may be written to."""
    with changeset(seeded_copy, "A test.") as changes:
        key = make_key(changes, Actor("A client", Role.EDITOR)).removeprefix("Bearer ")
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        yield Written(address, key)
