"""Servers of the registry for tests, each in a thread and on a port of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from registry.settings import Settings


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """A server with these settings, on a database that is migrated; its address."""
    from registry.web.app import create_app
    from registry.web.serving import server

    listener = socket.create_server(("127.0.0.1", 0))
    running = server(create_app(settings), settings)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until(lambda: running.started, "the server did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()


def until(holds: Callable[[], bool], complaint: str) -> None:
    """Waits, 30 seconds at most, until something holds."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError(complaint)
