"""The bench measures every question in every manner, and only where the floor answers as the registry does."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from registry.bench import running
from registry.bench.driving import HOME, Connection, NotMeasured, Sample, Server, measure, started
from registry.bench.questions import FOLDER, Manner, Question, Values, check_agreement, questions
from registry.bench.report import Report
from registry.cli import main

QUESTIONS = ["tiny", "page", "dashboard", "groups", "bulk"]


def test_a_run_measures_every_question_in_every_manner_beside_the_floor(
    generated_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    url = f"sqlite:///{generated_file}"
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--database-url", url, "--seconds", "1", "--documents", "5", "--json", str(file)])

    assert not ended.value.code
    report = json.loads(file.read_text(encoding="utf-8"))
    ways = ["plain", "direct"]
    wanted = {(question, manner, way) for question in QUESTIONS for way in ways for manner in _MANNERS}
    floors = ["floor", "floor, same doors"]
    wanted |= {(question, manner, floor) for question in QUESTIONS for floor in floors for manner in _MANNERS}
    wanted -= {(question, "cold", floor) for question in QUESTIONS for floor in floors}
    wanted |= {(question, manner, "direct, nothing kept") for question in QUESTIONS for manner in ("first", "distinct")}
    assert {(row["question"], row["manner"], row["server"]) for row in report["results"]} == wanted
    for row in report["results"]:
        assert row["cpu_us"] > 0
        assert 0 < row["p50_us"] <= row["p99_us"]
        assert row["per_second"] > 0
    compared = {(ratio["question"], ratio["of"], ratio["to"]) for ratio in report["ratios"]}
    assert compared >= {(question, ways[0], "floor") for question in QUESTIONS}
    assert [row["server"] for row in report["tiny_beside_two_of_the_heaviest"]] == ways
    assert all(set(moments) == _MOMENTS for moments in report["memory"].values())
    assert report["machine"]["load_before"]
    printed = capsys.readouterr().out
    assert all(word in printed for word in (*QUESTIONS, *_MANNERS, "plain / floor", "CPU µs", "p99 µs"))


_MANNERS = ["first", "cold", "distinct", "repeat"]
_MOMENTS = {"after the questions", "after 5 documents more"}


@pytest.fixture(scope="module")
def registry(generated_file: Path) -> Iterator[Server]:
    environment = {
        "REGISTRY_DATABASE_URL": f"sqlite:///{generated_file}",
        "REGISTRY_PORT": "0",
        "REGISTRY_PAGE_SIZE_MAX": "1000",
    }
    with started(("registry", "serve"), "/graphql", environment) as server:
        yield server


def test_a_floor_that_answers_otherwise_is_not_measured(registry: Server, generated_file: Path, tmp_path: Path) -> None:
    tampered = shutil.copyfile(generated_file, tmp_path / "tampered.db")
    with closing(sqlite3.connect(tampered)) as connection:
        connection.execute("UPDATE placements_of_year SET people = people + 1")
        connection.execute("UPDATE placements_of_period SET people = people + 1")
        connection.commit()
    asked = questions(registry)

    with started(("registry.bench.floor", str(generated_file)), "/", {}) as floor:
        check_agreement(asked, "plain", registry, floor)
    with (
        started(("registry.bench.floor", str(tampered)), "/", {}) as floor,
        pytest.raises(NotMeasured, match="The floor and the server plain do not give one answer to"),
    ):
        check_agreement(asked, "plain", registry, floor)


def test_the_floor_agrees_on_every_dashboard(registry: Server, generated_file: Path) -> None:
    """Its statement repeats what makes places comparable with people: more cases than one question shows."""
    dashboard = next(question for question in questions(registry) if question.name == "dashboard")

    def from_on(add: int) -> Question:
        return replace(dashboard, values=lambda number: dashboard.values(number + add))

    shifted = [from_on(add) for add in range(120)]
    with started(("registry.bench.floor", str(generated_file)), "/", {}) as floor:
        check_agreement(shifted, "plain", registry, floor)


def test_an_answer_that_is_no_success_is_not_measured(registry: Server) -> None:
    with pytest.raises(NotMeasured, match="404"):
        measure(replace(registry, path="/nowhere"), iter([b"{}"]), 0, Sample())


def test_a_question_that_the_registry_refuses_is_not_measured(
    registry: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Question, "query", "query Tiny($code: Int) { nothing }")
    tiny = Question("tiny", lambda number: Values({}, {}))

    with pytest.raises(NotMeasured, match="The question tiny is refused: "):
        check_agreement([tiny], "plain", registry, None)


def test_a_server_that_does_not_begin_is_told() -> None:
    with pytest.raises(NotMeasured, match="ended before it began"), started(("json.tool", "--help"), "/", {}):
        pass


def test_computing_and_memory_are_those_of_the_server(registry: Server) -> None:
    before = registry.computed()
    with Connection(registry) as connection:
        connection.ask(orjson.dumps({"query": "{ __typename }"}))

    assert 10_000 < registry.computed() - before < 10_000_000_000
    assert 20e6 < registry.memory() < 2e9


def test_manners_differ_in_what_a_server_has_seen() -> None:
    tiny = Question("tiny", lambda number: Values({"code": number}, {"code": number}))

    def three(manner: Manner) -> list[dict[str, Any]]:
        return [orjson.loads(body) for body in islice(tiny.to_server(manner), 3)]

    for member, in_cold, in_distinct, in_repeat in (("query", 3, 1, 1), ("variables", 3, 3, 1)):
        for manner, different in ((Manner.COLD, in_cold), (Manner.DISTINCT, in_distinct), (Manner.REPEAT, in_repeat)):
            assert len({str(body[member]) for body in three(manner)}) == different


def test_every_question_lies_there_as_query_and_statement() -> None:
    assert sorted(file.name for file in FOLDER.iterdir()) == sorted(
        f"{name}.{kind}" for name in QUESTIONS for kind in ("graphql", "sql")
    )


def test_quantiles_and_rates_are_those_of_the_sample() -> None:
    sample = Sample(latencies=[0.004, 0.001, 0.002, 0.003], computed=4_000_000)

    assert (sample.quantile(0.5), sample.quantile(0.99)) == (0.003, 0.004)
    assert sample.cpu == 0.001
    assert sample.rate == pytest.approx(400)
    sample.asked_together, sample.seconds_together = 50, 0.1
    assert sample.rate == pytest.approx(500)


def test_a_ratio_is_that_of_cpu_and_leaves_out_the_first_request() -> None:
    report = Report({})
    for manner in ("first", "repeat"):
        report.samples["tiny", manner, "plain"] = Sample([1.0], 6_000)
        report.samples["tiny", manner, "floor"] = Sample([9.0, 9.0], 4_000)

    assert report.ratios() == [{"question": "tiny", "manner": "repeat", "of": "plain", "to": "floor", "ratio": 3.0}]


def test_a_generated_registry_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    outdated = tmp_path / "registry" / "bench-0.001-0123456789ab.db"
    outdated.parent.mkdir()
    outdated.touch()
    told: list[str] = []

    first = running.generated(0.001, lambda what, done, of: told.append(what))
    assert told
    told.clear()
    assert running.generated(0.001, lambda what, done, of: told.append(what)) == first
    assert not told
    assert [f"sqlite:///{file}" for file in (tmp_path / "registry").iterdir()] == [first]


@pytest.mark.parametrize(
    ("file", "anew"),
    [
        ("registry/dates.py", True),
        ("registry/status/rules.py", True),
        ("registry/migrations/versions/0001_first_tables.py", True),
        ("seeds/countries.csv", True),
        ("registry/web/pages/page.py", False),
        ("registry/cli/keys.py", False),
        ("registry/bench/running.py", False),
    ],
)
def test_a_generated_registry_is_made_anew_where_anything_has_changed_that_it_is_made_by(
    tmp_path: Path, file: str, anew: bool
) -> None:
    for place in (*(HOME / "registry").rglob("*.py"), *(HOME / "seeds").glob("*.csv")):
        copy = tmp_path / place.relative_to(HOME)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, copy)
    before = running._made_by(tmp_path)
    assert before == running._made_by()

    (tmp_path / file).write_bytes((tmp_path / file).read_bytes() + b"\n")
    assert (running._made_by(tmp_path) != before) is anew


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match="There is no database at"):
        running.run(f"sqlite:///{tmp_path}/nothing.db", 1)

    assert list(tmp_path.iterdir()) == []
