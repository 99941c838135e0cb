"""The registry served the plain way, field by field with DataLoaders: what `bench` measures plans against.

Run as a module it serves the database of the settings on a free port, in the way in which the registry is served.
"""

import socket
from unittest.mock import patch

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from strawberry.http import GraphQLRequestData

from registry.settings import Settings, read_settings
from registry.web import app
from registry.web.auth import actor_of
from registry.web.graphql import Endpoint
from schema import schema
from schema.context import Context
from tests.execution.plain import PlainContext, plain_root


class PlainEndpoint(Endpoint):
    """The endpoint of the registry, but that every query is answered field by field."""

    async def _executed(self, request: Request, asked: GraphQLRequestData, context: Context | None = None) -> Response:
        plain = PlainContext(self.engine, self.settings, actor_of(request))
        try:
            return await self.run(request, context=plain, root_value=plain_root(schema, plain))
        finally:
            await plain.close()


def plain_app(settings: Settings) -> Starlette:
    """The application of the registry with that endpoint."""
    with patch.object(app, "Endpoint", PlainEndpoint):
        return app.create_app(settings)


def main() -> None:
    """Serves it, and says where."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        configuration = uvicorn.Config(
            plain_app(read_settings()), ws="none", log_level="warning", access_log=False, server_header=False
        )
        uvicorn.Server(configuration).run(sockets=[listener])


if __name__ == "__main__":
    main()
