"""Clients for tests: one that talks graphql-transport-ws, and one that reads server-sent events."""

import contextlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import sqlalchemy as sa
from sqlmodel import Session
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from registry.database import open_engine
from registry.history import RegistryState, changeset
from registry.sectors import Sector, SectorLevel, SectorScheme
from schema.changes import cursor_of

PROTOCOL = "graphql-transport-ws"
CHANGES = "subscription($after: String) { changes(after: $after) { sequence cursor subjectType reason } }"


class Talk:
    """A conversation over one socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, message: Any) -> None:
        self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def hear(self, seconds: float = 10) -> Any:
        return json.loads(self.socket.recv(timeout=seconds))

    def ask(self, name: str, query: str, **variables: Any) -> None:
        self.say({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    def answer(self, query: str, **variables: Any) -> Any:
        """The payload of the one result of an operation."""
        self.ask("answer", query, **variables)
        told = self.hear()
        assert told["type"] == "next", told
        assert self.hear() == {"id": "answer", "type": "complete"}
        return told["payload"]

    def closing(self, seconds: float = 10) -> tuple[int, str]:
        """The code and the reason that the server closes with."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=seconds)
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""


@contextmanager
def talk(address: str, *protocols: str, init: Any = "", **options: Any) -> Iterator[Talk]:
    """A socket for one of some protocols, "" for none, with the connection initialised unless `init` is None."""
    url = address.replace("http", "ws", 1) + "/graphql"
    spoken = None if protocols == ("",) else [Subprotocol(each) for each in protocols or (PROTOCOL,)]
    with connect(url, subprotocols=spoken, compression=None, close_timeout=1, **options) as socket:
        talk = Talk(socket)
        if init is not None:
            talk.say({"type": "connection_init", "payload": init or {}})
            assert talk.hear()["type"] == "connection_ack"
        yield talk


@dataclass(frozen=True)
class Event:
    """A server-sent event; `data` is read as JSON, None where it is empty."""

    name: str
    data: Any
    id: str | None = None


@contextmanager
def events(
    address: str, query: str, /, *, method: str = "POST", headers: Any = None, **variables: Any
) -> Iterator[Any]:
    """The events of a response to an operation, as they come."""
    asked: Any = {"query": query, "variables": variables}
    if method == "GET":
        given: Any = {"params": {"query": query, "variables": json.dumps(variables)}}
    else:
        given = {"json": asked}
    with (
        httpx2.Client(timeout=30) as client,
        client.stream(
            method, f"{address}/graphql", headers={"Accept": "text/event-stream", **(headers or {})}, **given
        ) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield read_events(response.iter_lines())


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Events out of lines; comments are passed over, but not for ever."""
    fields: dict[str, str] = {}
    since = time.monotonic()
    for line in lines:
        if line.startswith(":"):
            if time.monotonic() - since > 20:
                raise TimeoutError("no event in 20 seconds")
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif fields:
            data = fields.get("data")
            yield Event(fields["event"], json.loads(data) if data else None, fields.get("id"))
            fields, since = {}, time.monotonic()


def end_of(engine: sa.Engine) -> str:
    """The cursor of the last change there is; whoever subscribes after it misses nothing that comes."""
    with Session(engine) as session:
        state = session.get_one(RegistryState, 1)
        return cursor_of(state.sequence, state.cursor_key)


def record(engine: sa.Engine, reference: str, reason: str = "A test.") -> None:
    """Commits one change that everybody may see: a new entry of a code list."""
    with changeset(engine, reason) as changes:
        kind: dict[str, Any] = {"scheme": SectorScheme.ISIC4, "level": SectorLevel.CLASS}
        changes.add(Sector(code=reference, **kind, name_en=reference, text_key=reference))


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Engine]:
    """An engine of one's own on the same database, as another process has."""
    own = open_engine(engine.url.render_as_string(hide_password=False))
    try:
        yield own
    finally:
        own.dispose()
