"""One run of the bench: which servers stand beside each other, and in which order the questions are put to them."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from hashlib import sha256
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from registry.bench.driving import HOME, Connection, NotMeasured, Sample, Server, busy_with, measure, started
from registry.bench.questions import BULK, Manner, Question, check_agreement, questions
from registry.bench.report import FIRST, Report
from registry.database import migrate, open_engine
from registry.exchange import CODE_LISTS
from registry.synthetic import Tell, generate

FLOOR, DIRECT = "floor", "direct"

#: The floor where requests pass through all that they pass through on their way to the registry's own answer.
WITHIN = "floor, same doors"

#: The registry as it answers whatever was asked before, which it does not remember: neither answers nor lists.
UNKEPT = "direct, nothing kept"

#: The resolvers that tests hold plans against; they are measured too where the tests are at hand.
PLAIN = HOME / "tests" / "execution" / "plain_server.py"

#: The manners in which some servers are asked: others in all. To the floor all documents are alike.
_MANNERS = {
    FLOOR: (Manner.DISTINCT, Manner.REPEAT),
    WITHIN: (Manner.DISTINCT, Manner.REPEAT),
    UNKEPT: (Manner.DISTINCT,),
}

#: Times that every question is put to every server in every manner, one after another.
_ROUNDS = 4

#: Seconds over which a small question is measured beside large ones.
_BESIDE = 3.0


def generated(scale: float, tell: Tell) -> str:
    """The address of a synthetic registry of that scale, made now unless it has been made before."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "registry"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"bench-{scale:g}-{_made_by()}.db"
    if not file.exists():
        for old in folder.glob(f"bench-{scale:g}-*"):
            old.unlink()
        unfinished = file.with_suffix(f".{os.getpid()}.part")
        engine = open_engine(f"sqlite:///{unfinished}")
        try:
            migrate(engine)
            generate(engine, scale, tell)
        finally:
            engine.dispose()
        unfinished.rename(file)
    return f"sqlite:///{file}"


#: The rooms that decide nothing of what is generated.
_ASIDE = {"web", "cli", "bench"}


def _made_by(home: Path = HOME) -> str:
    """What tells whether a generated registry is still the one that would be generated now."""
    rooms = sorted(file.relative_to(home) for file in (home / "registry").rglob("*.py"))
    lists = (Path("seeds") / f"{name}.csv" for name in CODE_LISTS)
    digest = sha256()
    for place in (*(place for place in rooms if place.parts[1] not in _ASIDE), *lists):
        digest.update(f"{place}\0".encode() + (home / place).read_bytes())
    return digest.hexdigest()[:12]


def run(database_url: str, seconds: float, documents: int = 0, tell: Tell = lambda what, done, of: None) -> Report:
    """Measures on the data at `database_url` for about so many seconds; a slow server is asked once at least.

    With `documents` each server of the registry is asked so many different documents at the end, and its memory told
    before and after. On PostgreSQL there is no floor. Raises `NotMeasured` where the floor does not answer as the
    registry does, or a server fails.
    """
    url, data = located(database_url)
    report = Report(data)
    with ExitStack() as probes:
        servers = {name: probes.enter_context(server) for name, server in _servers(url)}
        floor, _ = servers.pop(FLOOR, None), servers.pop(WITHIN, None)
        asked = questions(next(iter(servers.values())))
        for name, server in servers.items():
            check_agreement(asked, name, server, floor)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(server) for name, server in _servers(url)}
        for name in servers.keys() & {DIRECT, UNKEPT}:
            servers[name].wait_for_annex()
        _measure_first(report, asked, servers)
        _measure_all(report, asked, servers, seconds, tell)
        for name, server in servers.items():
            if name not in (FLOOR, WITHIN, UNKEPT):
                _measure_beside(report, asked, name, server)
                report.memory[name] = {"after the questions": server.memory()}
                if documents:
                    _ask_documents(asked[0], server, documents)
                    report.memory[name][f"after {documents:,} documents more"] = server.memory()
    return report


def located(database_url: str) -> tuple[sa.URL, dict[str, str]]:
    """The address of a database from wherever it is asked, and what to tell of it. Raises where there is none."""
    url = open_engine(database_url).url  # refuses an address that is none
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    return url, {"database": url.get_backend_name(), **_size(url)}


def _size(url: sa.URL) -> dict[str, str]:
    if url.get_backend_name() != "sqlite":
        return {}
    file = Path(url.database or "")
    if not file.exists():
        hint = "Leave the address out, and a synthetic registry is made and measured."
        raise NotMeasured(f"There is no database at {file}.", hint=hint)
    return {"size": f"{file.stat().st_size / 1e6:.0f} MB"}


def _servers(url: sa.URL) -> Iterator[tuple[str, AbstractContextManager[Server]]]:
    """The servers to be measured, not yet started; the floor last."""
    address = url.render_as_string(hide_password=False)
    bound = {"REGISTRY_PAGE_SIZE_MAX": str(BULK), "REGISTRY_DATABASE_URL": address, "REGISTRY_PORT": "0"}
    bound["REGISTRY_CLIENT_POINTS_PER_SECOND"] = "0"  # one client asks as much as a thousand
    bound["REGISTRY_LOG_LEVEL"] = "warning"  # else a line for each request, on the terminal of whoever measures
    if PLAIN.exists():
        yield "plain", started(("tests.execution.plain_server",), "/graphql", bound)
    yield DIRECT, started(("registry", "serve"), "/graphql", bound)
    if url.get_backend_name() == "sqlite":
        yield UNKEPT, started(("registry", "serve"), "/graphql", {**bound, "REGISTRY_ANSWER_CACHE_BYTES": "0"})
        floor = ("registry.bench.floor", str(url.database))
        yield FLOOR, started(floor, "/", {})
        yield WITHIN, started((*floor, "within"), "/", bound)


def _bodies(question: Question, manner: Manner, name: str) -> Iterator[bytes]:
    return question.to_floor(manner) if name in (FLOOR, WITHIN) else question.to_server(manner)


def _measure_first(report: Report, asked: list[Question], servers: dict[str, Server]) -> None:
    for question in asked:
        for name, server in servers.items():
            sample = report.samples[question.name, FIRST, name] = Sample()
            measure(server, _bodies(question, Manner.REPEAT, name), 0, sample)


def _measure_all(report: Report, asked: list[Question], servers: dict[str, Server], seconds: float, tell: Tell) -> None:
    """Puts the questions in turn, so that a busy moment of the machine meets all servers alike."""
    cells = [
        (question.name, manner.label, name, server, _bodies(question, manner, name))
        for question in asked
        for manner in Manner
        for name, server in servers.items()
        if manner in _MANNERS.get(name, Manner)
    ]
    begun, left = time.perf_counter(), _ROUNDS * len(cells)
    for round_ in range(_ROUNDS):
        for question, manner, name, server, bodies in cells:
            remaining = begun + seconds - time.perf_counter()
            if round_ == 0 or remaining > 0:
                sample = report.samples.setdefault((question, manner, name), Sample())
                measure(server, bodies, max(remaining, 0) / left, sample)
            left -= 1
            tell("Questions", _ROUNDS * len(cells) - left, _ROUNDS * len(cells))


def _measure_beside(report: Report, asked: list[Question], name: str, server: Server) -> None:
    """The small question beside two connections that ask the largest one without pause, and without them."""
    by_name = {question.name: question for question in asked}
    small, large = by_name["tiny"].to_server(Manner.DISTINCT), by_name["groups"].to_server(Manner.DISTINCT)
    quiet, busy = Sample(), Sample()
    measure(server, small, _BESIDE, quiet)
    with busy_with(server, large, connections=2):
        measure(server, small, _BESIDE, busy)
    report.beside[name] = (quiet.quantile(0.5), busy.quantile(0.5))


def _ask_documents(question: Question, server: Server, count: int) -> None:
    with Connection(server) as connection:
        for body in islice(question.to_server(Manner.COLD), count):
            connection.ask(body)
