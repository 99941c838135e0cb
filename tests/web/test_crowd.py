"""Whoever asks alone is answered on the event loop, also what takes some milliseconds; beside others, elsewhere."""

import time

import httpx2
import pytest
import sqlalchemy as sa

from registry.web import crowd
from registry.web.crowd import MOST_ASKERS, PATIENT, QUIET, Crowd
from schema.execution.question import SHORT
from tests.web.test_annex import annexed, told


def test_only_who_has_asked_alone_for_a_while_may_keep_the_event_loop_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("registry.web.crowd.time.monotonic", lambda: now[0])
    several = Crowd()

    def after(seconds: float, *askers: str | None) -> float:
        now[0] += seconds
        for asker in askers:
            several.met(asker)
        return several.patience()

    assert after(0, "one", "one") == PATIENT
    assert after(0, None) == SHORT
    assert after(QUIET - 0.1, None) == SHORT
    assert after(QUIET + 0.1, "one") == PATIENT
    assert after(0, "another") == SHORT
    assert after(0, "one") == SHORT
    assert after(QUIET - 0.1, "one") == SHORT
    assert after(0.2, "one") == PATIENT

    for number in range(2 * MOST_ASKERS):
        assert after(0, f"one of many, {number}") == SHORT
    assert len(several._met) == MOST_ASKERS
    assert after(QUIET + 0.1, "one") == PATIENT


def test_who_has_hung_up_does_not_wait_any_more() -> None:
    several = Crowd()
    for asker in ("one", "another", "a third"):
        several.met(asker)
    several.left("another")
    assert several.patience() == SHORT
    several.left("one")
    assert several.patience() == PATIENT
    several.met("one")
    assert several.patience() == SHORT
    several.left("one")
    several.left("one")
    assert several.patience() == PATIENT


def test_what_takes_some_milliseconds_is_worked_out_apart_only_while_others_ask(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "SHORT", 0.0)  # so that everything takes too long beside others
    monkeypatch.setattr(crowd, "PATIENT", 10.0)
    query = "query ($day: Date!) { at(date: $day) { countries(first: 9) { totalCount nodes { name } } } }"
    with annexed(seeded_copy) as client, httpx2.Client(base_url=client.base_url) as other:

        def asked(by: httpx2.Client, day: int) -> None:
            body = {"query": query, "variables": {"day": f"2024-01-{day:02}"}}
            assert "errors" not in by.post("/graphql", json=body).json()

        for day in range(1, 5):  # until it is known what it takes
            asked(client, day)
        before = told(client, "registry_annex_answers_total")
        time.sleep(QUIET + 0.1)
        for day in range(5, 9):
            asked(client, day)
        alone = told(client, "registry_annex_answers_total")
        for day in range(9, 13):
            asked(other if day % 2 else client, day)
        beside = told(client, "registry_annex_answers_total")
        other.close()
        time.sleep(0.1)  # far less than it takes to be forgotten
        for day in range(13, 17):
            asked(client, day)
        again = told(client, "registry_annex_answers_total")

    assert (alone - before, beside - alone, again - beside) == (0, 4, 0)
