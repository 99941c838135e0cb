"""A small question beside attackers: what it waits, and what the server holds, before, meanwhile and afterwards."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from registry.bench.attacks import ATTACKS
from registry.bench.driving import HOME, Connection, NotMeasured, Sample, Server, started
from registry.bench.questions import Manner, small
from registry.bench.report import Load, machine, print_load
from registry.bench.running import located
from registry.synthetic import Tell

#: Attackers at a time.
ATTACKERS = 20

#: Times that the small question may take beside attackers what it takes in calm, for 95 of 100 requests.
FACTOR = 5.0

#: Seconds after the attack until the server is asked in calm again, and what it holds is told for the last time.
REST = 10.0

#: Share of the attackers' time that passes before the small question is asked: by then they all wait for something.
_SETTLING = 0.2

#: New documents that are asked in calm at least: as many as a server keeps, so that attackers find its memory full.
KEPT = 1_000

#: When the small question is asked, beside the kinds of attack; `NEW` and `ALL_NEW` each time as a new document.
CALM, NEW, ALL, ALL_NEW, AFTER = "calm", "calm, new documents", "all at once", "all, new documents", "calm again"


@dataclass
class Siege:
    """What one run has measured; `statuses` are those that attackers got, by moment and kind."""

    data: dict[str, str]
    samples: dict[str, Sample] = field(default_factory=dict)
    attacked: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    load_before: Load = field(default_factory=os.getloadavg)

    @property
    def ratio(self) -> float:
        """How many times what it takes in calm the small question takes beside all attackers, by their p95."""
        return self._ratio(ALL)

    def to_json(self) -> dict[str, Any]:
        """The siege as plain JSON values: times in microseconds, memory in bytes."""
        return {
            "data": self.data,
            "attackers": ATTACKERS,
            "machine": machine(self.load_before),
            "small": [
                {
                    "beside": beside,
                    "requests": len(sample.latencies),
                    **_quantiles(sample),
                    "ratio": self._ratio(beside),
                }
                for beside, sample in self.samples.items()
            ],
            "attacked": self.attacked,
            "memory": self.memory,
            "ratio": self.ratio,
            "within": FACTOR,
        }

    def _ratio(self, beside: str) -> float:
        calm = self.samples[NEW if beside in (NEW, ALL_NEW) else CALM]
        return self.samples[beside].quantile(0.95) / calm.quantile(0.95)

    def print(self, console: Console) -> None:
        """Prints the siege as a table and lines."""
        title = ", ".join(f"{name} {value}" for name, value in self.data.items())
        table = Table("beside", title=f"a small question beside {ATTACKERS} attackers, {title}")
        for column in ("requests", "p50 µs", "p95 µs", "p99 µs", "p95 / calm"):
            table.add_column(column, justify="right")
        table.add_column("what attackers got")
        for beside, sample in self.samples.items():
            cells = [f"{len(sample.latencies):,}", *(f"{value:,.0f}" for value in _quantiles(sample).values())]
            table.add_row(beside, *cells, f"{self._ratio(beside):.1f}", _told(self.attacked.get(beside)))
        console.print(table)
        console.print("memory: " + ", ".join(f"{moment} {held / 1e6:.0f} MB" for moment, held in self.memory.items()))
        verdict = "within" if self.ratio <= FACTOR else "beyond"
        console.print(f"p95 beside all attackers: {self.ratio:.1f} times that in calm, {verdict} {FACTOR:g} times")
        print_load(console, self.load_before)


def _quantiles(sample: Sample) -> dict[str, float]:
    return {f"p{share}_us": sample.quantile(share / 100) * 1e6 for share in (50, 95, 99)}


def _told(attacked: dict[str, Any] | None) -> str:
    if attacked is None:
        return ""
    found: dict[str, int] = {}
    for statuses in attacked["statuses"].values():
        for status, times in statuses.items():
            found[status] = found.get(status, 0) + times
    told = ", ".join(f"{times:,} of {status}" for status, times in sorted(found.items()))
    return f"{told or 'no answer yet'}; {attacked['bytes'] / 1e6:,.0f} MB"


def lay(database_url: str, seconds: float, kinds: str = "", tell: Tell = lambda what, done, of: None) -> Siege:
    """Measures on the data at `database_url` for about so many seconds, with the limits that a server has by default.

    `kinds` are those of the attack, parted by commas; left out, each of them.
    Raises `NotMeasured` where the server fails, or where there are no attackers of a kind.
    """
    chosen = kinds.split(",") if kinds else list(ATTACKS)
    if unknown := set(chosen) - set(ATTACKS):
        raise NotMeasured(f"There is no attack called {min(unknown)}.", hint=f"There are {', '.join(ATTACKS)}.")
    url, data = located(database_url)
    address = url.render_as_string(hide_password=False)
    environment = {"REGISTRY_DATABASE_URL": address, "REGISTRY_PORT": "0", "REGISTRY_LOG_LEVEL": "warning"}
    siege = Siege(data)
    moments = [CALM, NEW, *chosen, ALL, ALL_NEW, AFTER]
    with started(("registry", "serve"), "/graphql", environment) as server:
        server.wait_for_annex()
        question = small(server)
        asked, new = question.to_server(Manner.DISTINCT), question.to_server(Manner.COLD)
        _ask(server, asked, 0.5)  # what is done once only
        for number, moment in enumerate(moments):
            tell("Moments", number, len(moments))
            each = seconds / len(moments)
            if moment in (CALM, NEW, AFTER):
                least = KEPT if moment == NEW else 1
                siege.samples[moment] = _ask(server, new if moment == NEW else asked, each, least)
                siege.memory.setdefault(moment, server.memory())
                continue
            with _Attack(server, chosen if moment in (ALL, ALL_NEW) else [moment]) as attack:
                time.sleep(each * _SETTLING)
                siege.samples[moment] = _ask(server, new if moment == ALL_NEW else asked, each)
                siege.memory[f"beside {moment}"] = server.memory()
            siege.attacked[moment] = attack.told
            if moment == ALL_NEW:
                siege.memory["right after"] = server.memory()
                time.sleep(REST)
                siege.memory[f"{REST:g} s after"] = server.memory()
    tell("Moments", len(moments), len(moments))
    return siege


def _ask(server: Server, bodies: Iterator[bytes], seconds: float, least: int = 1) -> Sample:
    sample, until = Sample(), time.perf_counter() + seconds
    with Connection(server) as connection:
        while len(sample.latencies) < least or time.perf_counter() < until:
            body = next(bodies)
            begun = time.perf_counter()
            connection.ask(body)
            sample.latencies.append(time.perf_counter() - begun)
    return sample


class _Attack:
    """Attackers while it is open; then `told` is what became of them."""

    def __init__(self, server: Server, kinds: list[str]) -> None:
        self._arguments = [str(server.port), str(ATTACKERS), *kinds]
        self.told: dict[str, Any] = {}

    def __enter__(self) -> "_Attack":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "registry.bench.attackers", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=HOME,
        )
        assert self._process.stdout
        if not self._process.stdout.readline():
            raise NotMeasured("The attackers ended before they began.")
        return self

    def __exit__(self, *_: object) -> None:
        said, _errors = self._process.communicate()
        if self._process.returncode:
            raise NotMeasured("The attackers could not go on.")
        self.told = orjson.loads(said)
