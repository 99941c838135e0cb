"""What operators are told: lines that are whole and keep secrets, counts that stay within bounds."""

import json
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.settings import Settings
from registry.telemetry import logs, numbered
from registry.telemetry.logs import Logs, Writer, network, without_secrets
from registry.telemetry.metrics import MOST_NAMES, OTHER, Metrics, Names
from registry.telemetry.noting import Noted, Statements, current
from tests.servers import until


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root of all loggers, put back as it was."""
    root = logging.getLogger()
    held = root.handlers, root.level
    yield root
    root.handlers, _ = held
    root.setLevel(held[1])


def lines(file: Path, **given: str) -> Iterator[Logs]:
    """A log that writes to a file, until it is closed."""
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY)
    made = Logs(Settings(**given), descriptor)  # type: ignore[arg-type]
    yield made
    made.close()
    os.close(descriptor)


def logged(file: Path, **given: str) -> list[str]:
    """The lines of a log in which somebody told a request and a failure."""
    for made in lines(file, **given):
        made.request({"route": "/graphql", "status": 200})
        try:
            raise ValueError("rk_01234567_secret")
        except ValueError:
            logging.getLogger("registry.somewhere").exception("A failure with postgresql://user:secret@host/name.")
    return file.read_text().splitlines()


def test_lines_are_json_with_the_id_of_the_request(root: logging.Logger, tmp_path: Path) -> None:
    request_id = numbered("an-id")
    request, failure = map(json.loads, logged(tmp_path / "log", log_format="json"))

    assert request["request_id"] == failure["request_id"] == request_id
    assert (request["event"], request["route"], request["level"]) == ("request", "/graphql", "info")
    assert (failure["logger"], failure["level"]) == ("registry.somewhere", "error")
    assert request["at"].endswith("Z")


def test_lines_hold_no_secret(root: logging.Logger, tmp_path: Path) -> None:
    told = "\n".join(logged(tmp_path / "log", log_format="json"))

    assert "secret" not in told
    assert "rk_01234567_***" in told
    assert "postgresql://user:***@host/name" in told
    assert without_secrets("No.\nDETAIL:  Key (name)=(Somebody) already exists.\nAt") == "No.\nDETAIL: ***\nAt"
    assert without_secrets("Authorization: Bearer abc.def-1 and more") == "Authorization: Bearer *** and more"


def test_for_a_terminal_lines_are_words(root: logging.Logger, tmp_path: Path) -> None:
    told = logged(tmp_path / "log", log_format="console")

    assert "request" in told[0]
    assert "status=200" in told[0]
    assert "ValueError" in "\n".join(told)


def test_a_log_that_is_not_to_tell_requests_wants_none(
    root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_made", [])
    assert logs.requests() is None
    for level, wanted in (("info", True), ("warning", False)):
        for made in lines(tmp_path / level, log_level=level):
            monkeypatch.setattr(logs, "_made", [made])
            assert (logs.requests() is made) is wanted


def test_who_does_not_read_the_log_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING", 100)
    unread, end = os.pipe()
    writer = Writer(end)

    def tell() -> None:
        for _ in range(10_000):
            writer.write(b"x" * 1_000)

    told = threading.Thread(target=tell)
    told.start()
    told.join(30)

    assert not told.is_alive()
    assert writer.dropped > 0
    os.close(unread)  # ends what still waits to be written
    writer.close()
    os.close(end)


def test_lines_that_nobody_could_be_told_are_counted_one_by_one() -> None:
    unread, end = os.pipe()
    os.close(unread)
    writer = Writer(end)
    for _ in range(50):
        writer.write(b"x")
    writer.close()
    os.close(end)

    assert writer.dropped == 50


def test_lines_come_in_order_and_all_of_them(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY)
    writer = Writer(descriptor)
    for number in range(1_000):
        writer.write(b"%d" % number)
    writer.close()
    os.close(descriptor)

    assert (tmp_path / "log").read_text().split() == [str(number) for number in range(1_000)]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("testclient", None),
        ("", None),
    ],
)
def test_of_a_clients_address_only_the_network_is_told(address: str, told: str | None) -> None:
    assert network(address) == told


def test_names_that_clients_make_up_do_not_grow_without_bound() -> None:
    names = Names(["Known"])
    told = {names.told(f"Name{number}", well=True) for number in range(10 * MOST_NAMES)}

    assert len(told) == MOST_NAMES + 1
    assert OTHER in told
    assert (names.told("Known", well=True), names.told("Name0", well=True)) == ("Known", "Name0")


def test_a_name_gets_a_count_of_its_own_only_when_its_operation_is_answered_well() -> None:
    names = Names()

    assert names.told("Broken", well=False) == OTHER
    assert names.told("Broken", well=True) == names.told("Broken", well=False) == "Broken"


def test_requests_are_counted_by_name_kind_and_code_and_streams_have_no_duration() -> None:
    metrics = Metrics("1", "sqlite")
    for kind, code in (("query", "OK"), ("query", "OK"), ("query", "NOT_FOUND"), ("subscription", "OK")):
        metrics.count(Noted("Home", kind, code), 0.02)
    value = metrics.registry.get_sample_value

    assert value("registry_requests_total", {"operation": "Home", "kind": "query", "code": "OK"}) == 2
    assert value("registry_requests_total", {"operation": "Home", "kind": "query", "code": "NOT_FOUND"}) == 1
    assert value("registry_request_seconds_bucket", {"kind": "query", "le": "0.025"}) == 3
    assert value("registry_request_seconds_bucket", {"kind": "query", "le": "0.01"}) == 0
    assert value("registry_request_seconds_count", {"kind": "subscription"}) is None


def test_a_statement_is_counted_for_the_process_and_for_the_request() -> None:
    statements, noted = Statements(), Noted()
    token = current.set(noted)
    statements.ran("SELECT 1", 0)
    current.reset(token)
    statements.ran("SELECT 1", 0)

    assert (statements.count, noted.statements) == (2, 1)
    assert statements.seconds > noted.seconds > 0


def test_a_writer_that_was_closed_has_ended() -> None:
    writer = Writer(os.open(os.devnull, os.O_WRONLY))
    writer.close()

    until(lambda: not writer._thread.is_alive(), "the writer did not end")
