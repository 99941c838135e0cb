"""GraphQL over a websocket: the protocol graphql-transport-ws, where whatever goes wrong has a code."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from strawberry.http import GraphQLRequestData
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

from registry.access import Actor
from registry.telemetry import note_fault
from registry.web.asking import asked_of
from registry.web.rates import with_cost
from registry.web.refusing import Refused, told, told_fault
from registry.web.watching import watched
from schema.execution.budget import BUDGET, Budget

LOG = logging.getLogger("registry.web")

#: Whether the message that an operation begins with asks, by its `extensions`, to be told what the answer costs.
TOLD: ContextVar[bool] = ContextVar("told", default=False)


@dataclass
class Socket:
    """An open socket: who opened it, by which credential, and what was said then."""

    actor: Actor
    authorization: str | None
    connection_params: dict[str, Any] = field(default_factory=dict)


class SocketHandler(BaseGraphQLTransportWSHandler[Any, Any]):
    """Strawberry's handler of the protocol, which bad messages do not break, and whose answers come from `streams`."""

    context: Socket
    view: Any
    _watch: asyncio.Task[None] | None = None

    async def handle_message(self, message: Any) -> None:
        """Does what a message says; the connection is closed with 4400 where that cannot be made out."""
        problem = _problem(message)
        if problem:
            await self.handle_invalid_message(problem)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:
        """Opens the connection, for whoever the payload or the upgrade request says."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        known = self.connection_acknowledged
        await super().handle_connection_init(message)
        if self.connection_acknowledged and not known:
            self._watch = asyncio.create_task(self._close_when_lapsed())

    async def _close_when_lapsed(self) -> None:
        socket, every = self.context, self.view.settings.keep_alive_seconds
        await self.view.door.lapsed(socket.authorization, socket.actor, every)
        await self.websocket.close(code=4403, reason="The credential does not hold any more")

    async def shutdown(self) -> None:
        """Ends whatever runs for the socket."""
        if self._watch is not None:
            self._watch.cancel()
        self.view.crowd.left(id(self))
        await super().shutdown()

    async def handle_ping(self, message: Any) -> None:
        """Answers with what the ping brought."""
        pong: Any = {"type": "pong", "payload": message["payload"]} if "payload" in message else {"type": "pong"}
        await self.send_message(pong)

    async def handle_subscribe(self, message: Any) -> None:
        """Begins an operation, unless as many as the socket may have are under way."""
        most = self.view.settings.socket_operations
        if self.connection_acknowledged and len(self.operations) >= most and message["id"] not in self.operations:
            said = f"A socket may have {most} operations under way at a time."
            await self._refuse(message["id"], told(said, code="TOO_MANY_OPERATIONS"))
            return
        if self.connection_acknowledged:
            try:
                found = self.view.documents.found(asked_of(message["payload"]))
            except Refused as refused:
                await self._refuse(message["id"], refused.told())
                return
            TOLD.set("cost" in (found.extensions or {}))
            message = {**message, "payload": {**message["payload"], "query": found.query}}
        await super().handle_subscribe(message)

    async def _refuse(self, name: str, error: dict[str, Any]) -> None:
        message: Any = {"id": name, "type": "error", "payload": [error]}
        await self.send_message(message)

    async def run_operation(self, operation: Operation[Any, Any]) -> None:
        """Sends the results of an operation, which is paid for by whoever opened the socket."""
        self.view.crowd.met(id(self))
        opened = BUDGET.get() or Budget()
        budget = Budget(self.view.settings.request_seconds, opened.purse)
        budget.told = TOLD.get()
        BUDGET.set(budget)
        asked = GraphQLRequestData(operation.query, operation.variables, operation.operation_name, None)
        try:
            with watched(asked, self.context.actor, self.view.metrics):
                await self._send_answers(operation, asked)
        except WebSocketDisconnected:
            pass
        except Exception as error:
            log_id = note_fault(LOG, error, "an operation over a websocket")
            await self._send(operation, "error", [told_fault(log_id)])

    async def _send_answers(self, operation: Operation[Any, Any], asked: GraphQLRequestData) -> None:
        async with aclosing(self.view.streams.answers(asked, self.context.actor)) as answers:
            async for answer in answers:
                if answer.errors is not None:
                    await self._send(operation, "error", answer.errors)
                    return
                body = with_cost(answer.body, self.view.settings) if TOLD.get() else answer.body
                await self._send(operation, "next", orjson.Fragment(body))
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send(self, operation: Operation[Any, Any], kind: str, payload: Any) -> None:
        message: Any = {"id": operation.id, "type": kind, "payload": payload}
        await operation.send_operation_message(message)


def _problem(message: Any) -> str | None:
    """What is wrong with the form of a message, in a few words; None where nothing is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a `type`"
    kind = message["type"]
    if kind in ("subscribe", "complete") and not (isinstance(message.get("id"), str) and message["id"]):
        return f"The `id` of a message `{kind}` must be a string that is not empty"
    if kind == "subscribe":
        return _problem_of(message.get("payload"))
    if not isinstance(message.get("payload"), dict | None):
        return "The `payload` must be an object or null"
    return None


def _problem_of(payload: Any) -> str | None:
    if not isinstance(payload, Mapping):
        return "The payload of `subscribe` must be an object with a `query`"
    try:
        asked = asked_of(payload)
    except Refused as refused:
        return refused.message.removesuffix(".")
    if asked.query is None and asked.document_id is None and "persistedQuery" not in (asked.extensions or {}):
        return "The payload of `subscribe` must be an object with a `query`"
    return None
