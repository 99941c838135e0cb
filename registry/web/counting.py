"""What is counted elsewhere, where it happens, or stands in memory: read when somebody asks for the counters."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from registry.telemetry import logs
from registry.telemetry.noting import STATEMENTS
from registry.web.graphql import Endpoint
from schema.execution.answers import Answers
from schema.execution.kept import Kept
from schema.execution.prepared import Recent


class Counted(Collector):
    """The counts of one application. `position` is that of the last change in the log, as far as it is known."""

    def __init__(self, endpoint: Endpoint, pages_made: Recent[bytes]) -> None:
        self._direct, self._streams, self._annex = endpoint.direct, endpoint.streams, endpoint.annex
        plans = self._direct.plans
        self._caches: dict[str, Recent[Any] | Answers] = {
            "document": plans.documents,
            "selection": plans.selections,
            "plan": plans.plans,
            "answer": self._direct.answers,
            "page": pages_made,
        }
        self.position = 0
        self.ready = True

    def describe(self) -> Iterable[Metric]:
        """Nothing before it is asked for."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All counts, as they are now."""
        yield from self._answers()
        yield _counter("registry_statements", "SQL statements run by this process.", STATEMENTS.count)
        yield _counter("registry_statement_seconds", "Seconds that these statements took.", STATEMENTS.seconds)
        yield from self._annex_told()
        yield _gauge("registry_streams", "Websockets and event streams that are open.", self._streams.count)
        yield _gauge("registry_subscribers", "Subscriptions that wait for changes.", self._streams.subscribers)
        waiting = GaugeMetricFamily("registry_waiting", "Work that waits for a thread, by kind.", labels=["lane"])
        apart = self._annex.state.get("waiting", {})
        for lane, number in self._direct.lanes.waiting().items():
            waiting.add_metric([lane], number + apart.get(lane, 0))
        yield waiting
        yield _gauge("registry_log_sequence", "Position of the last change in the log of changes.", self.position)
        yield _gauge("registry_ready", "1 where the registry takes requests, else 0.", int(self.ready))
        yield _counter("registry_log_lines_dropped", "Log lines that nobody was there to read.", logs.dropped())

    def _annex_told(self) -> Iterator[Metric]:
        annex, snapshots = self._annex, self._direct.knowledge
        kept = len(snapshots) + annex.state.get("snapshots", 0)
        size = snapshots.size + annex.state.get("snapshot_bytes", 0)
        yield _gauge("registry_snapshots", "Snapshots of earlier knowledge that are kept.", kept)
        yield _gauge("registry_snapshot_bytes", "Bytes that these take on disk.", size)
        yield _gauge("registry_annex_open", "1 where there is a second process for what takes long.", int(annex.open))
        yield _counter("registry_annex_starts", "Times that it was started.", annex.started)
        yield _counter("registry_annex_answers", "Answers that were worked out there.", annex.answered)
        yield _gauge("registry_annex_bytes", "Memory that it holds.", annex.state.get("held", 0))

    def _answers(self) -> Iterator[Metric]:
        direct = self._direct
        found = CounterMetricFamily("registry_cache", "Looks into memory for what was made.", labels=["of", "found"])
        held = GaugeMetricFamily("registry_cache_entries", "Things that memory holds, of each kind.", labels=["of"])
        caches: dict[str, Sequence[Recent[Any] | Answers | Kept]] = {name: [one] for name, one in self._caches.items()}
        for name, several in (caches | {"list": direct.kept}).items():
            found.add_metric([name, "hit"], sum(each.hits for each in several))
            found.add_metric([name, "miss"], sum(each.misses for each in several))
            held.add_metric([name], sum(map(len, several)))
        yield from (found, held)
        yield _counter("registry_direct_answers", "Answers made of rows by a plan, or kept.", direct.direct)
        fallbacks = CounterMetricFamily(
            "registry_fallbacks", "Answers left to graphql-core, by why.", labels=["reason"]
        )
        for reason, count in list(direct.fallbacks.items()):
            fallbacks.add_metric([reason], count)
        yield fallbacks


def _counter(name: str, help_: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, help_, value=value)


def _gauge(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, value=value)
