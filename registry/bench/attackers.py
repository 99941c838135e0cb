"""Attackers: clients, each at an address of its own, who ask without pause and read nothing of what they are answered.

Run as a module, in a process of their own so as not to hold up whoever measures. They say when they have begun, end
when their standard input does, and then print how often they were given which status, as JSON.
"""

import re
import selectors
import socket
import sys
import time
from collections import Counter, defaultdict

import orjson

from registry.bench.attacks import bodies

#: What attackers take, in turn: what is compressed in different ways, and what is not.
_CODINGS = (b"br", b"gzip", b"zstd", b"identity")

#: The end of a body that comes in pieces.
_LAST = b"\r\n0\r\n\r\n"


class Attacker:
    """One client, with one request under way."""

    def __init__(self, number: int, port: int, kind: str) -> None:
        self.kind, self.statuses, self.received = kind, Counter[int](), 0
        self._port, self._bodies = port, bodies(kind, number)
        self._from = f"127.0.0.{2 + number}"
        self._coding = _CODINGS[number % len(_CODINGS)]
        self.open()

    def open(self) -> None:
        """Connects and asks."""
        self.socket = socket.create_connection(("127.0.0.1", self._port), source_address=(self._from, 0))
        self.ask()

    def ask(self) -> None:
        """Sends the next request."""
        body = next(self._bodies)
        self._head, self._left, self._tail = b"", -1, b""
        self.socket.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Accept-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (self._coding, len(body), body)
        )

    def read(self) -> bool:
        """Takes what has come of an answer. Returns whether it is whole."""
        more = self.socket.recv(1 << 20)
        if not more:
            self.statuses[0] += 1
            self.socket.close()
            self.open()
            return False
        self.received += len(more)
        if self._left < 0:
            self._head += more
            head, ended, more = self._head.partition(b"\r\n\r\n")
            if not ended:
                return False
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            self._left = int(length[1]) if length else sys.maxsize
            self._chunked = not length
            self.statuses[int(head[9:12])] += 1
        self._left -= len(more)
        self._tail = (self._tail + more)[-len(_LAST) :]
        return self._tail == _LAST if self._chunked else self._left <= 0


def attack(port: int, number: int, kinds: list[str], until: "socket.socket | int") -> list[Attacker]:
    """So many attackers, of these kinds in turn, until something can be read."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(until, selectors.EVENT_READ)
        attackers = [Attacker(each, port, kinds[each % len(kinds)]) for each in range(number)]
        for each in attackers:
            waiting.register(each.socket, selectors.EVENT_READ, each)
        print("begun", flush=True)
        while True:
            for key, _ in waiting.select():
                attacker = key.data
                if attacker is None:
                    return attackers
                before = attacker.socket
                if attacker.read():
                    attacker.ask()
                elif attacker.socket is not before:
                    waiting.unregister(before)
                    waiting.register(attacker.socket, selectors.EVENT_READ, attacker)


def main(port: str, number: str, *kinds: str) -> None:
    """Attacks the server at a port of this machine."""
    begun = time.monotonic()
    attackers = attack(int(port), int(number), list(kinds), sys.stdin.fileno())
    statuses: dict[str, Counter[int]] = defaultdict(Counter)
    for each in attackers:
        statuses[each.kind].update(each.statuses)
    told = {
        "seconds": time.monotonic() - begun,
        "bytes": sum(each.received for each in attackers),
        "statuses": {
            kind: {str(status): times for status, times in sorted(found.items())} for kind, found in statuses.items()
        },
    }
    print(orjson.dumps(told).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
