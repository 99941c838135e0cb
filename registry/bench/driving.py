"""How servers are started, asked and watched: a light client, the time they compute and the memory they hold."""

import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import RegistryError

HOME = Path(__file__).parents[2]


#: Seconds after an answer until a server pauses; only then is what it has computed booked.
_SETTLED = 0.002


class NotMeasured(RegistryError):
    """Something that the bench cannot measure."""


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, and what that has started."""

    process: "subprocess.Popen[str]"
    port: int
    path: str

    def computed(self) -> int:
        """Nanoseconds that all threads of its processes have computed so far; to be asked when it has nothing to do."""
        time.sleep(_SETTLED)
        # Linux names the clock of another process by its id: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
        try:
            return sum(time.clock_gettime_ns((~number << 3) | 2) for number in self._processes())
        except OSError:
            raise NotMeasured("What another process computes can be measured on Linux only.") from None

    def memory(self) -> int:
        """Bytes of memory that its processes hold."""
        held = (Path(f"/proc/{number}/status").read_text(encoding="ascii") for number in self._processes())
        return sum(int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024 for status in held)

    def _processes(self) -> list[int]:
        """The process itself and those that it has started."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [self.process.pid, *(int(each) for found in children for each in found.read_text().split())]

    def wait_for_annex(self) -> None:
        """Waits until the annex of a registry has opened. Raises `NotMeasured` where it does not."""
        for _ in range(300):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as told:
                if b"\nregistry_annex_open 1.0" in told.read():
                    return
            time.sleep(0.1)
        raise NotMeasured("The annex of the server has not opened.")


@contextmanager
def started(module: Sequence[str], path: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server run as a Python module, once it has said where it is; its settings are those of `environment` only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HOME,
        env={**inherited, **environment},
    )
    assert process.stdout
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                break
        else:
            raise NotMeasured(f"The server to be measured ended before it began: {' '.join(module)}.")
        server = Server(process, int(found[1]), path)
        _until_open(server)
        yield server
    finally:
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """Ends a server in good order, so that its database is left in one file; a server that will not end is killed."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _until_open(server: Server) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise NotMeasured("The server to be measured does not answer.")


class Connection:
    """A connection that is kept, on which one request at a time is asked."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST {server.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, body: bytes) -> None:
        """Sends a request."""
        self.socket.sendall(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))

    def receive(self) -> bytes:
        """The body of the answer. Raises `NotMeasured` where it is no success."""
        held = bytearray()
        while (end := held.find(b"\r\n\r\n")) < 0:
            held += self._more()
        head = bytes(held[:end])
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if not head.startswith(b"HTTP/1.1 200 ") or not length:
            raise NotMeasured(f"A server answered with {head.splitlines()[0].decode()}.")
        while len(held) < end + 4 + int(length[1]):
            held += self._more()
        return bytes(held[end + 4 :])

    def ask(self, body: bytes) -> bytes:
        """The answer to a request."""
        self.send(body)
        return self.receive()

    def _more(self) -> bytes:
        more = self.socket.recv(1 << 20)
        if not more:
            raise NotMeasured("A server hung up.")
        return more


@dataclass
class Sample:
    """What was measured of one question put to one server in one way."""

    latencies: list[float] = field(default_factory=list)
    computed: int = 0
    asked_together: int = 0
    seconds_together: float = 0.0

    @property
    def cpu(self) -> float:
        """Seconds that the server computed for each request."""
        return self.computed / len(self.latencies) / 1e9

    @property
    def rate(self) -> float:
        """Requests answered in a second: over several connections where that was measured, else over one."""
        if self.asked_together:
            return self.asked_together / self.seconds_together
        return len(self.latencies) / sum(self.latencies)

    def quantile(self, share: float) -> float:
        """The latency in seconds that this share of the requests did not exceed."""
        in_order = sorted(self.latencies)
        return in_order[min(len(in_order) - 1, int(share * len(in_order)))]


#: Connections over which the number of requests in a second is measured.
TOGETHER = 4


def measure(server: Server, bodies: Iterator[bytes], seconds: float, sample: Sample) -> None:
    """Asks over one connection for about so long, once at least, and then, where time allows, over several."""
    with Connection(server) as connection:
        until, computed = time.perf_counter() + seconds * 0.7, server.computed()
        while True:
            begun = time.perf_counter()
            connection.ask(next(bodies))
            ended = time.perf_counter()
            sample.latencies.append(ended - begun)
            if ended >= until:
                break
        sample.computed += server.computed() - computed
    if sample.latencies[-1] < seconds * 0.3 / TOGETHER:
        _ask_together(server, bodies, seconds * 0.3, sample)


def _ask_together(server: Server, bodies: Iterator[bytes], seconds: float, sample: Sample) -> None:
    connections = {one.socket: one for one in (Connection(server) for _ in range(TOGETHER))}
    try:
        begun = time.perf_counter()
        for connection in connections.values():
            connection.send(next(bodies))
        while (now := time.perf_counter()) < begun + seconds:
            for ready in select.select(list(connections), [], [], 120)[0]:
                connections[ready].receive()
                connections[ready].send(next(bodies))
                sample.asked_together += 1
        sample.seconds_together += now - begun
        for connection in connections.values():
            connection.receive()
    finally:
        for connection in connections.values():
            connection.socket.close()


@contextmanager
def busy_with(server: Server, bodies: Iterator[bytes], connections: int) -> Iterator[None]:
    """Meanwhile so many further connections ask without pause."""
    stop, lock = threading.Event(), threading.Lock()

    def ask() -> None:
        with Connection(server) as connection:
            while not stop.is_set():
                with lock:
                    body = next(bodies)
                connection.ask(body)

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.2)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
