"""The inside of the annex: a process that answers queries for a server, and ends when the server does.

Run as a module it answers over the socket whose descriptor it is given. It knows neither clients nor credentials: the
server says who asks and what they may spend. It changes nothing and keeps no answers.
"""

import asyncio
import gc
import logging
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
import uvloop
from graphql import OperationType
from strawberry.http import GraphQLRequestData, process_result

from registry.access import Actor, Role
from registry.database import open_engine
from registry.errors import TurnedAway
from registry.settings import VERSION, Settings
from registry.telemetry import logs, note_fault, numbered, traces
from registry.telemetry.noting import Noted, current, note_way
from registry.web.asking import kind_of
from registry.web.rates import Loan, status_of
from registry.web.refusing import Refused
from schema import closed_schema, schema
from schema.context import Context
from schema.errors import codes_of, executed
from schema.execution.budget import BUDGET, Budget
from schema.execution.direct import Direct
from schema.execution.question import SHORT

LOG = logging.getLogger("registry.annex")

#: How long the head of a message is, which is JSON, and its body, which is not looked at.
LENGTHS = struct.Struct("!II")

#: The head of a message.
Head = dict[str, Any]

#: Seconds that a thread may compute while another waits to go on; Python's own 5 ms would be what every small question
#: waits, several times over, beside a large one.
SWITCH = 0.00005

#: Seconds that an answer may keep the event loop busy where nobody else waits: to go through a thread costs as much.
PATIENT = 0.02

#: Seconds after an answer until the server is told how the process stands, of all answers until then at once.
TOLD_AFTER = 0.2

#: How far the process stands back, as nice(2) counts it, where others want the same processor: about three to one.
STANDING_BACK = 5


async def read_message(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """The next message. Raises `IncompleteReadError` at the end."""
    head, body = LENGTHS.unpack(await reader.readexactly(LENGTHS.size))
    return orjson.loads(await reader.readexactly(head)), await reader.readexactly(body)


def message(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """A message as it is sent."""
    told = orjson.dumps(head, default=str)
    return LENGTHS.pack(len(told), len(body)) + told + body


def held() -> int:
    """Bytes of memory that this process holds; where the system does not say, the most that it ever held."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024)


class Annexed:
    """Answers queries on one database, several at a time."""

    def __init__(self, settings: Settings, writer: asyncio.StreamWriter) -> None:
        self._settings, self._writer = settings, writer
        self._engine = open_engine(settings.database_url)
        self._schema = schema if settings.introspection else closed_schema()
        self._direct = Direct(self._schema, self._engine, settings)
        self._direct.patience = lambda: PATIENT if len(self._running) == 1 else SHORT
        self._running: dict[int, asyncio.Task[None]] = {}
        self._telling: asyncio.TimerHandle | None = None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Answers until the server is gone."""
        while True:
            try:
                asked, _ = await read_message(reader)
            except (asyncio.IncompleteReadError, OSError):
                return
            number = asked["number"]
            if "query" in asked:
                self._running[number] = asyncio.create_task(self._answer(asked))
                await asyncio.sleep(0)  # what has begun answers even where it is given up
            elif number in self._running:
                self._running[number].cancel()

    async def _answer(self, asked: Head) -> None:
        noted, loan, budget = self._begun(asked)
        told, body = await self._told_whatever_happens(asked)
        if noted.span is not None:
            traces.ended(noted)
        told |= {
            "number": asked["number"],
            "reason": noted.reason,
            "sql": noted.statements,
            "sql_seconds": noted.seconds,
            "took": noted.took,
            "points": budget.points,
            "records": budget.records,
            "taken": loan.taken if loan else 0,
        }
        del self._running[asked["number"]]
        self._writer.write(message(told, body))
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TOLD_AFTER, self.tell_state)
        await self._writer.drain()

    def _begun(self, asked: Head) -> tuple[Noted, Loan | None, Budget]:
        """What is noted of a question, and what its answer may take."""
        noted = Noted(asked["name"] or "", "annex")
        current.set(noted)
        if asked["request_id"]:
            numbered(asked["request_id"])
        if traces.tracing():
            noted.span = traces.begun((name.encode(), value.encode()) for name, value in asked["trace"].items())
        loan = None if asked["purse"] is None else Loan(*asked["purse"])
        budget = Budget(asked["seconds"], loan)
        budget.planned = asked["planned"]
        BUDGET.set(budget)
        return noted, loan, budget

    async def _told_whatever_happens(self, asked: Head) -> tuple[Head, bytes]:
        try:
            return await self._told(asked)
        except TurnedAway as away:
            why = {"code": away.code, "message": away.message, "hint": away.hint}
            return {"kind": "away", **why, "seconds": away.seconds, "details": away.details}, b""
        except asyncio.CancelledError:  # nobody reads the answer, but it is paid for
            return {"kind": "gone"}, b""
        except Refused as refused:
            note_way("walk", f"refused: {refused.code}")
            told = {"kind": "walked", "executed": False, "status": refused.status, "codes": [refused.code]}
            return told, orjson.dumps({"errors": [refused.told()]})
        except Exception as error:
            return {"kind": "fault", "log_id": note_fault(LOG, error, "an answer in the annex")}, b""

    async def _told(self, asked: Head) -> tuple[Head, bytes]:
        query, variables, name = asked["query"], asked["variables"], asked["name"]
        actor = Actor(asked["actor"], Role[asked["role"]])
        document = await self._direct.document(query)
        kind = kind_of(GraphQLRequestData(query, variables, name, None), document)
        if kind not in (None, OperationType.QUERY):
            return {"kind": "left"}, b""
        answer = await self._direct.execute(query, variables, name, actor=actor)
        if isinstance(answer, bytes):
            return {"kind": "direct"}, answer
        context = Context(self._engine, self._settings, actor, direct=self._direct)
        result = await self._schema.execute(query, variables, context, operation_name=name)
        told = process_result(result)
        if not executed(result):
            told.pop("data", None)
        head = {"kind": "walked", "executed": executed(result), "status": status_of(told), "codes": codes_of(result)}
        return head, orjson.dumps(told, default=str)

    def tell_state(self) -> None:
        """Tells the server what operators want to know: the memory that the process holds, and what waits in it."""
        self._telling = None
        waiting, snapshots = self._direct.lanes.waiting(), self._direct.knowledge
        state = {"held": held(), "waiting": waiting, "snapshots": len(snapshots), "snapshot_bytes": snapshots.size}
        self._writer.write(message({"number": 0, "state": state}))

    async def open(self) -> None:
        """Opens what most questions are answered from."""
        await self._direct.open()

    def close(self) -> None:
        """Ends what runs, and gives back what is held of the database."""
        for task in self._running.values():
            task.cancel()
        self._direct.close()
        self._engine.dispose()


async def _run(descriptor: int) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    given, _ = await read_message(reader)
    settings = Settings(**{**given, "answer_cache_bytes": 0})
    logs.configure(settings)
    with traces.sent(VERSION):
        annexed = Annexed(settings, writer)
        await annexed.open()
        gc.collect()
        gc.freeze()
        annexed.tell_state()
        await annexed.serve(reader)
        annexed.close()


def main(descriptor: str) -> None:
    """Answers until the server closes its end. Signals to end are for the server, which says so by that."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    with suppress(OSError):  # where whoever runs it forbids that, it stands beside the server
        os.nice(STANDING_BACK)
    sys.setswitchinterval(SWITCH)
    uvloop.run(_run(int(descriptor)))


if __name__ == "__main__":
    main(*sys.argv[1:])
