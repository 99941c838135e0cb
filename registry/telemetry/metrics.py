"""Counters that a Prometheus server reads: of requests here; of whatever else there is, by those who have it."""

import platform
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, disable_created_metrics

from registry.telemetry.noting import OK, Noted

#: Names of operations that are told apart, besides those known from the beginning; all others are `OTHER`.
MOST_NAMES = 100

OTHER = "other"

disable_created_metrics()  # type: ignore[no-untyped-call]  # they say no more than when the process began

#: Seconds up to which durations are told apart.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Names:
    """The names of operations that have a count of their own: those that are known, and the first of others.

    Clients choose names as they like; without a bound, each new one would be kept for ever. Only an operation that was
    answered well takes one of the places.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = frozenset(known)
        self._met: set[str] = set()

    def told(self, name: str, well: bool) -> str:
        """The name that an operation is counted under."""
        if name in self._known or name in self._met or not name:
            return name
        if well and len(self._met) < MOST_NAMES:
            self._met.add(name)
            return name
        return OTHER


class Metrics:
    """The counters of one application. `known` are the names of operations that always have a count of their own."""

    def __init__(self, version: str, database: str, known: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._names = Names(known)
        self._requests = Counter(
            "registry_requests",
            "Requests and operations answered, by name, kind, and code of the first error.",
            ["operation", "kind", "code"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "registry_request_seconds",
            "How long answers took, by kind; streams are left out.",
            ["kind"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._counters: dict[tuple[str, str, str], Counter] = {}
        self._durations: dict[str, Histogram] = {}
        build = Info("registry_build", "What runs here.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version(), "database": database})
        ProcessCollector(registry=self.registry)

    def count(self, noted: Noted, seconds: float) -> None:
        """Counts a request, or an operation, that was answered in so many seconds."""
        name = noted.operation
        if noted.kind != "http":
            name = self._names.told(name, noted.code == OK)
        key = (name, noted.kind, noted.code)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(*key)
        counter.inc()
        if noted.kind == "subscription":
            return
        duration = self._durations.get(noted.kind)
        if duration is None:
            duration = self._durations[noted.kind] = self._seconds.labels(noted.kind)
        duration.observe(seconds)
