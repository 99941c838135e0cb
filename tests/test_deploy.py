"""The files for running the registry as a service or in a container: they say what they should, and fit the project."""

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from registry.cli import app
from registry.settings import Settings

HOME = Path(__file__).resolve().parent.parent
UNIT = HOME / "registry" / "deploy" / "registry.service"
CONTAINERFILE = HOME / "registry" / "deploy" / "Containerfile"


class _Several(dict[str, str]):
    """Values of a section, where a name that is given again adds to what it had."""

    def __setitem__(self, name: str, value: str | list[str]) -> None:
        before = super().get(name)
        if isinstance(value, list) and isinstance(before, list):
            before.extend(value)
        else:
            super().__setitem__(name, value)  # type: ignore[assignment]


def unit() -> dict[str, str]:
    parser = configparser.ConfigParser(dict_type=_Several, strict=False, interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return dict(parser["Service"])


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, each with what it is given."""
    lines = [line for line in CONTAINERFILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, _, rest in found]


def settings_in(words: str) -> set[str]:
    return {name.lower() for name in re.findall(r"REGISTRY_([A-Z_]+)=", words)}


def test_the_unit_runs_as_nobody_in_particular_and_writes_to_its_own_folders_only() -> None:
    service = unit()

    assert service["DynamicUser"] == service["NoNewPrivileges"] == service["PrivateTmp"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectory"] == service["CacheDirectory"] == "registry"
    assert "User" not in service
    assert "ReadWritePaths" not in service


def test_the_unit_gives_the_server_time_to_end_and_starts_a_command_that_there_is() -> None:
    from registry.web.serving import GRACE

    service = unit()
    command = shlex.split(service["ExecStart"])

    assert int(service["TimeoutStopSec"]) > GRACE + Settings().drain_seconds
    assert command[1:3] == ["-m", "registry"]
    assert command[3] in get_command(app).commands  # type: ignore[attr-defined]


def test_settings_in_both_files_are_settings_that_there_are() -> None:
    for words in (UNIT.read_text(), CONTAINERFILE.read_text()):
        assert settings_in(words)
        assert settings_in(words) <= {*Settings.model_fields}


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    text = UNIT.read_text(encoding="utf-8")
    here = tmp_path / "registry.service"
    here.write_text(re.sub("(?m)^ExecStart=.*", "ExecStart=/bin/true", text), encoding="utf-8")
    said = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True)

    complaints = [line for line in said.stderr.splitlines() if "registry.service" in line and "postgresql" not in line]
    assert complaints == []
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", here], capture_output=True, text=True
    )
    assert judged.returncode == 0, judged.stdout[-300:]


def test_the_container_runs_as_nobody_in_particular_and_installs_only_what_is_hashed() -> None:
    found = instructions()
    names = [name for name, _ in found]
    known = {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "USER", "HEALTHCHECK"}

    assert set(names) <= known | {"ENTRYPOINT", "CMD"}
    assert names[-1] == "CMD"
    (user,) = [rest for name, rest in found if name == "USER"]
    assert user == "10001:10001"
    assert [rest for name, rest in found if name == "RUN" and names.index("USER") < found.index((name, rest))] == []
    installs = [rest for name, rest in found if name == "RUN" and "pip install" in rest]
    assert installs
    assert all("--require-hashes" in rest and "-r requirements.txt" in rest for rest in installs)


def test_the_container_copies_what_there_is_and_all_that_the_registry_needs() -> None:
    copied = [rest.split() for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]

    assert {source for source, _ in copied} == {"requirements.txt", "registry", "schema", "seeds"}
    assert all((HOME / source).exists() for source, _ in copied)


def test_the_container_is_healthy_when_the_registry_is_ready(server: str) -> None:
    (check,) = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])
    entry, serve = (json.loads(rest) for name, rest in instructions()[-2:])

    def judged(port: int) -> int:
        environment = {**os.environ, "REGISTRY_PORT": str(port)}
        return subprocess.run([sys.executable, *command[1:]], env=environment, stderr=subprocess.DEVNULL).returncode

    assert [*entry, *serve] == ["/opt/registry/.venv/bin/python", "-m", "registry", "serve"]
    assert command[0] == entry[0]
    assert "/health/ready" in command[2]
    assert judged(int(server.rpartition(":")[2])) == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert judged(nobody.getsockname()[1]) != 0
