"""Servers of the registry for tests, each on a port of its own: in a thread, or in a process."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from registry.settings import Settings

HOME = Path(__file__).resolve().parent.parent


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """A server with these settings, on a database that is migrated; its address. It has an annex if they say so."""
    from registry.web.app import create_app
    from registry.web.serving import server

    if "annex" not in settings.model_fields_set:
        settings = settings.model_copy(update={"annex": False})
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


@contextmanager
def served(
    *arguments: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, once it has said where it is; the process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(HOME),
            "PYTHONUNBUFFERED": "1",
            "REGISTRY_LOG_LEVEL": "warning",
            **(environment or {}),
        },
    )
    assert process.stdout
    try:
        said = ""
        while "End it" not in said:
            line = process.stdout.readline()
            assert line, f"the server ended: {said}"
            said += line
        yield process, re.findall(r"GraphQL +(http://\S+)/graphql", said)[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def until(holds: Callable[[], bool], complaint: str) -> None:
    """Waits, 30 seconds at most, until something holds."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError(complaint)
