"""The siege: a small question beside attackers, who ask what the limits just let pass."""

import json
from contextvars import copy_context
from itertools import islice
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.bench import siege
from registry.bench.attacks import ATTACKS, bodies
from registry.bench.driving import NotMeasured, Sample
from registry.cli import main
from registry.settings import Settings
from schema import schema
from schema.execution.direct import Direct
from schema.execution.watch import MOST_WRITTEN, WATCH, Watch


def test_a_siege_tells_what_a_small_question_waits_and_what_the_server_holds(
    generated_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siege, "REST", 0.1)
    monkeypatch.setattr(siege, "KEPT", 5)
    file, url = tmp_path / "siege.json", f"sqlite:///{generated_file}"
    arguments = ["--seconds", "3", "--kinds", "deep,small", "--json", str(file)]
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--attack", "--database-url", url, *arguments])

    assert not ended.value.code
    told = json.loads(file.read_text(encoding="utf-8"))
    assert [row["beside"] for row in told["small"]] == [
        siege.CALM,
        siege.NEW,
        "deep",
        "small",
        siege.ALL,
        siege.ALL_NEW,
        siege.AFTER,
    ]
    for row in told["small"]:
        assert row["requests"] > 0
        assert 0 < row["p50_us"] <= row["p95_us"] <= row["p99_us"]
    assert told["ratio"] > 0
    assert told["attacked"]["all at once"]["statuses"].keys() == {"deep", "small"}
    assert told["attacked"]["small"]["statuses"]["small"]["200"] > 0
    statuses = {status for each in told["attacked"].values() for found in each["statuses"].values() for status in found}
    assert statuses <= {"200", "429", "503"}
    assert {"calm", "beside all at once", "right after", "0.1 s after"} <= told["memory"].keys()
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("p95", "calm again", "memory: calm", "p95 beside all attackers"))


def test_an_attack_that_is_not_known_is_told(generated_file: Path) -> None:
    with pytest.raises(NotMeasured, match="no attack called nonsense"):
        siege.lay(f"sqlite:///{generated_file}", 1, "deep,nonsense")


def test_the_ratio_is_that_of_the_quantiles_beside_all_and_in_calm() -> None:
    made = siege.Siege({}, {siege.CALM: Sample([0.001, 0.002]), siege.ALL: Sample([0.004, 0.008])})

    assert made.ratio == pytest.approx(4)


def test_no_two_attackers_ask_alike() -> None:
    asked = [body for attacker in range(3) for body in islice(bodies("deep", attacker), 3)]

    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_let_pass_and_is_near_a_limit(seeded: sa.Engine, name: str) -> None:
    direct = Direct(schema, seeded, Settings())
    context, watch = copy_context(), Watch()
    context.run(WATCH.set, watch)
    asked = context.run(direct.plans.question, ATTACKS[name](7), {}, None)
    context.run(lambda: direct.plans.plan(asked, tree=True))
    direct.close()

    near = max(asked.frame.points / direct.settings.query_cost_max, watch.written / MOST_WRITTEN)
    assert near <= 1
    assert near > 0.4 or name == "small"
