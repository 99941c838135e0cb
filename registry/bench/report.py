"""What the bench has measured, as tables for people and as JSON for programs."""

import os
import platform
import sqlite3
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from rich.console import Console
from rich.table import Table

from registry.bench.driving import TOGETHER, Sample
from registry.settings import VERSION

#: What a row of the results is about: the question, the manner (or the very first request), the server.
Cell = tuple[str, str, str]

#: The manner of the first request after a server has begun.
FIRST = "first"

#: What a machine has had to do in the last minute, five and fifteen minutes.
Load = tuple[float, float, float]


def machine(before: Load) -> dict[str, Any]:
    """How many processors there are, and their load before a run and now."""
    return {"cpus": os.cpu_count(), "load_before": before, "load_after": os.getloadavg()}


def print_load(console: Console, before: Load) -> None:
    """Prints the same."""
    load = ", ".join(f"{one:.1f}" for one in (before[0], os.getloadavg()[0]))
    console.print(f"load before and after: {load} on {os.cpu_count()} CPUs")


@dataclass
class Report:
    """Everything that one run has measured."""

    data: dict[str, Any]
    samples: dict[Cell, Sample] = field(default_factory=dict)
    beside: dict[str, tuple[float, float]] = field(default_factory=dict)
    memory: dict[str, dict[str, int]] = field(default_factory=dict)
    load_before: Load = field(default_factory=os.getloadavg)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values: times in microseconds, memory in bytes."""
        return {
            "version": VERSION,
            "data": self.data,
            "machine": {
                **machine(self.load_before),
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
            },
            "results": [
                {"question": question, "manner": manner, "server": server, **_measures(sample)}
                for (question, manner, server), sample in self.samples.items()
            ],
            "ratios": self.ratios(),
            "tiny_beside_two_of_the_heaviest": [
                {"server": server, "p50_quiet_us": _us(quiet), "p50_beside_us": _us(busy), "ratio": busy / quiet}
                for server, (quiet, busy) in self.beside.items()
            ],
            "memory": self.memory,
        }

    def ratios(self) -> list[dict[str, Any]]:
        """How many times the CPU of the second server the first one takes, for each question and manner."""
        servers = list(dict.fromkeys(server for _, _, server in self.samples))
        found = []
        for question, manner in dict.fromkeys((question, manner) for question, manner, _ in self.samples):
            for one, other in combinations(servers, 2):
                pair = [self.samples.get((question, manner, server)) for server in (one, other)]
                if manner != FIRST and pair[0] and pair[1]:
                    ratio = pair[0].cpu / pair[1].cpu
                    found.append({"question": question, "manner": manner, "of": one, "to": other, "ratio": ratio})
        return found

    def print(self, console: Console) -> None:
        """Prints the report as tables."""
        console.print(self._results())
        console.print(self._ratios())
        for server, (quiet, busy) in self.beside.items():
            told = f"{_us(quiet):,.0f} µs quiet, {_us(busy):,.0f} µs beside, {busy / quiet:.1f} times"
            console.print(f"tiny beside two connections that ask groups, p50 of {server}: {told}")
        for server, moments in self.memory.items():
            console.print(f"memory of {server}: " + ", ".join(f"{m} {b / 1e6:.0f} MB" for m, b in moments.items()))
        print_load(console, self.load_before)

    def _results(self) -> Table:
        table = Table(title=", ".join(f"{name} {value}" for name, value in self.data.items()))
        for column in ("question", "manner", "server"):
            table.add_column(column)
        for column in ("requests", "CPU µs", "p50 µs", "p99 µs", f"per second, {TOGETHER} at once"):
            table.add_column(column, justify="right")
        before = None
        in_order = list(dict.fromkeys(question for question, _, _ in self.samples))
        cells = sorted(self.samples.items(), key=lambda cell: in_order.index(cell[0][0]))
        for (question, manner, server), sample in cells:
            if before not in (None, question):
                table.add_section()
            before = question
            measures = _measures(sample)
            table.add_row(question, manner, server, *(f"{value:,.0f}" for value in measures.values()))
        return table

    def _ratios(self) -> Table:
        ratios = self.ratios()
        manners = list(dict.fromkeys(ratio["manner"] for ratio in ratios))
        table = Table("question", "CPU per request of", *manners, title="ratios")
        for question, one, other in dict.fromkeys((r["question"], r["of"], r["to"]) for r in ratios):
            by_manner = {
                r["manner"]: f"{r['ratio']:.2f}"
                for r in ratios
                if (r["question"], r["of"], r["to"]) == (question, one, other)
            }
            table.add_row(question, f"{one} / {other}", *(by_manner.get(manner, "") for manner in manners))
        return table


def _us(seconds: float) -> float:
    return seconds * 1e6


def _measures(sample: Sample) -> dict[str, float]:
    return {
        "requests": len(sample.latencies),
        "cpu_us": _us(sample.cpu),
        "p50_us": _us(sample.quantile(0.5)),
        "p99_us": _us(sample.quantile(0.99)),
        "per_second": sample.rate,
    }
