"""A server that is killed in the midst of writes: what it had answered for is there, and nothing is there by half."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx2
import sqlalchemy as sa

from registry import verification
from registry.access import Role
from registry.history import changeset
from registry.keys import create

#: How often the server is killed.
ROUNDS = int(os.environ.get("REGISTRY_TEST_KILLS", "3"))

RECORD = """mutation ($reference: String!) {
  engagementRecord(input: {
    reference: $reference, kind: MEETING, title: "Talks", date: "2026-01", countries: ["DE"], audience: PUBLIC,
    citations: [{ source: "%s", note: "So it is said." }], reason: "A stream of writes."
  }) { engagement { reference } userErrors { message } }
}"""


class Writers:
    """Threads that write without pause, and keep in mind what the server has answered for."""

    def __init__(self, address: str, key: str, source: str, round_: int) -> None:
        self.acknowledged: list[str] = []
        self._ask = address, {"Authorization": f"Bearer {key}"}, RECORD % source
        self._threads = [threading.Thread(target=self._write, args=(f"crash-{round_}-{one}",)) for one in range(3)]
        for thread in self._threads:
            thread.start()

    def _write(self, name: str) -> None:
        address, headers, query = self._ask
        with httpx2.Client(headers=headers, timeout=30) as client:
            for number in range(10_000):
                reference = f"{name}-{number}"
                try:
                    answer = client.post(address, json={"query": query, "variables": {"reference": reference}})
                except httpx2.TransportError:
                    return  # the server is gone
                assert answer.json()["data"]["engagementRecord"]["userErrors"] == []
                self.acknowledged.append(reference)

    def wait_for(self, number: int) -> None:
        """Waits until so many writes were answered for, or a writer has given up."""
        while len(self.acknowledged) < number and all(thread.is_alive() for thread in self._threads):
            time.sleep(0.001)

    def end(self) -> list[str]:
        """What was answered for, once the server is gone."""
        for thread in self._threads:
            thread.join()
        return self.acknowledged


def serve(url: str) -> tuple[subprocess.Popen[bytes], str]:
    """A server of its own, and the address of its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port), "--database-url", url]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx2.get(f"{address}/health/live")
            return server, f"{address}/graphql"
        except httpx2.TransportError:
            time.sleep(0.05)
    server.kill()
    raise TimeoutError("the server did not start")


def test_a_killed_server_has_kept_all_it_answered_for_and_nothing_by_half(seeded_copy: sa.Engine) -> None:
    url = seeded_copy.url.render_as_string(hide_password=False)
    with changeset(seeded_copy, "A test.") as changes:
        _, key = create(changes, name="A stream", role=Role.EDITOR)
        source = changes.session.scalar(sa.text("SELECT reference FROM source ORDER BY id LIMIT 1"))
    answered: list[str] = []
    for round_ in range(ROUNDS):
        server, address = serve(url)
        writers = Writers(address, key, str(source), round_)
        writers.wait_for(random.randint(2, 40))
        server.send_signal(signal.SIGKILL)
        server.wait()
        answered += writers.end()

    with seeded_copy.connect() as connection:
        held = set(connection.scalars(sa.text("SELECT reference FROM engagement WHERE reference LIKE 'crash-%'")))
        told = connection.scalar(sa.text("SELECT count(*) FROM change WHERE reason = 'A stream of writes.'"))
    assert len(answered) >= ROUNDS
    assert set(answered) <= held
    assert told == len(held)
    assert verification.verify(seeded_copy) == []
    print(f"killed {ROUNDS} times; {len(answered)} writes answered for, {len(held)} held")
