"""Credentials at the door: keys and tokens that open something, and all the ways in which they do not."""

import asyncio
import hmac
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from websockets.exceptions import InvalidStatus

from registry import keys
from registry.access import ANYONE, OFFICIAL, Actor, Role
from registry.errors import Unauthenticated, Unavailable
from registry.history import changeset
from registry.repeats import Repeatable
from registry.settings import Settings
from registry.web import auth, tokens
from registry.web.app import create_app
from registry.web.auth import Door
from tests.factories import WORDS, make_agreement, make_company
from tests.servers import serving
from tests.web.talking import CHANGES, end_of, events, talk

VIEWER = "{ viewer { name role audiences } }"


# ── An issuer of tokens on this machine ─────────────────────────────────────────────────────────────────────────────


class Issuer:
    """Signs tokens and publishes its keys; `asked` are the paths it was asked for."""

    def __init__(self) -> None:
        self.keys: list[Any] = [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})]
        self.asked: list[str] = []
        self.broken = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                body = json.dumps(issuer.told(self.path)).encode()
                self.send_response(500 if issuer.broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def told(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        return KeySet(list(self.keys)).as_dict(private=False)

    def token(self, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        key = key or self.keys[-1]
        said = {"iss": self.address, "aud": "registry", "sub": "42", "exp": time.time() + 300, **claims}
        said = {name: value for name, value in said.items() if value is not None}
        head = {"alg": "RS256", "kid": key.kid, **(header or {})}
        return jwt.encode(head, said, key, algorithms=[head["alg"]])

    def settings(self, **more: Any) -> Settings:
        return Settings(oidc_issuer=self.address, oidc_audience="registry", **more)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


Opens = Callable[[str], Actor]


def door(engine: sa.Engine, settings: Settings) -> Opens:
    """Who bears each token, as a door tells that keeps what it has learnt."""
    made = Door(engine, settings)

    async def opened(credential: str) -> Actor:
        made._tokens._turn = asyncio.Lock()  # type: ignore[union-attr]
        return await made.actor(f"Bearer {credential}")

    return lambda credential: asyncio.run(opened(credential))


@pytest.fixture
def opens(engine: sa.Engine, issuer: Issuer) -> Opens:
    return door(engine, issuer.settings())


# ── Tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_tells_who_bears_it(opens: Opens, issuer: Issuer) -> None:
    subject = f"{issuer.address} 42"
    editor = opens(issuer.token(preferred_username="dilnoza", roles=["EDITOR"]))
    assert editor == Actor("dilnoza", Role.EDITOR, subject)
    assert opens(issuer.token(roles="READER other")) == Actor("42", Role.READER, subject)
    assert opens(issuer.token(roles=["READER", "ADMIN", "nothing"])).role is Role.ADMIN
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize("roles", [None, [], ["nothing"], [7], {"EDITOR": True}, "editor", True])
def test_a_token_without_a_role_reads_as_the_public(opens: Opens, issuer: Issuer, roles: Any) -> None:
    assert opens(issuer.token(roles=roles)) == Actor("42", Role.PUBLIC, f"{issuer.address} 42")


@pytest.mark.parametrize(
    "name", ["operator", " Anyone ", "a\nb", "x\0y", "\x1b[31mred", "\u200b", " ", "n" * 201, 7, None]
)
def test_a_name_that_the_log_cannot_tell_somebody_by_gives_way_to_the_subject(
    opens: Opens, issuer: Issuer, name: Any
) -> None:
    assert opens(issuer.token(preferred_username=name)).name == "42"


def test_two_whom_the_issuer_calls_by_one_name_are_not_one(opens: Opens, issuer: Issuer) -> None:
    one, other = (opens(issuer.token(sub=sub, preferred_username="aziz", roles=["EDITOR"])) for sub in ("1", "2"))

    assert one.name == other.name
    assert one != other
    keys = {Repeatable.of(actor, "key", "asked", 1).key for actor in (one, other, Actor("aziz", Role.EDITOR))}
    assert len(keys) == 3


def test_roles_may_stand_further_in_and_have_other_names(engine: sa.Engine, issuer: Issuer) -> None:
    said = {"oidc_role_claim": "realm_access.roles", "oidc_roles": "agency-writers=EDITOR agency=READER"}
    opens = door(engine, issuer.settings(**said))

    assert opens(issuer.token(realm_access={"roles": ["agency", "agency-writers"]})).role is Role.EDITOR
    assert opens(issuer.token(realm_access={"roles": ["EDITOR"]})).role is Role.PUBLIC
    assert opens(issuer.token(realm_access="agency")).role is Role.PUBLIC


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": time.time() - 120}, "expired"),
        ({"exp": None}, "not one"),
        ({"exp": "tomorrow"}, "not one"),
        ({"aud": "another"}, "not one"),
        ({"aud": ["another", "third"]}, "not one"),
        ({"aud": None}, "not one"),
        ({"iss": "https://elsewhere.example"}, "not one"),
        ({"iss": None}, "not one"),
        ({"sub": None}, "not one"),
        ({"nbf": time.time() + 86_400}, "not one"),
    ],
)
def test_a_token_for_another_or_another_time_opens_nothing(
    opens: Opens, issuer: Issuer, claims: dict[str, Any], said: str
) -> None:
    with pytest.raises(Unauthenticated, match=said):
        opens(issuer.token(roles=["ADMIN"], **claims))


def test_a_token_for_several_is_for_us_too(opens: Opens, issuer: Issuer) -> None:
    assert opens(issuer.token(aud=["another", "registry"])).name == "42"


def test_a_token_that_the_issuer_did_not_sign_opens_nothing(opens: Opens, issuer: Issuer) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    head, body, signature = issuer.token(roles=["READER"]).split(".")
    _, raised, _ = issuer.token(roles=["ADMIN"]).split(".")

    for forged in (issuer.token(stranger), f"{head}.{raised}.{signature}", f"{head}.{body}.", "a.b.c", "a", "..", "é"):
        with pytest.raises(Unauthenticated):
            opens(forged)


def test_only_algorithms_on_the_list_are_taken(opens: Opens, issuer: Issuer) -> None:
    curve = ECKey.generate_key("P-384", {"kid": "curve"})
    issuer.keys.append(curve)
    body = issuer.token(issuer.keys[0], roles=["ADMIN"]).split(".")[1]

    def signed(algorithm: str, signature: Callable[[bytes], bytes]) -> str:
        head = urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "one"}).encode()).rstrip(b"=")
        said = head + b"." + body.encode()
        return (said + b"." + urlsafe_b64encode(signature(said)).rstrip(b"=")).decode()

    public = issuer.keys[0].as_pem(private=False)
    for forged in (
        signed("none", lambda said: b""),
        signed("None", lambda said: b""),
        signed("HS256", lambda said: hmac.digest(public, said, "sha256")),
        issuer.token(curve, {"alg": "ES384"}),
    ):
        with pytest.raises(Unauthenticated, match="not one"):
            opens(forged)


def test_a_key_that_the_issuer_changed_to_is_asked_for_once(
    opens: Opens, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = issuer.token(preferred_username="old")
    assert opens(old).name == "old"
    issuer.keys = [RSAKey.generate_key(2048, {"kid": "two"})]
    with pytest.raises(Unauthenticated):  # asked a moment ago
        opens(issuer.token())
    assert len(issuer.asked) == 2

    monkeypatch.setattr(tokens, "PAUSE", 0)
    assert opens(issuer.token(preferred_username="new")).name == "new"
    monkeypatch.setattr(tokens, "PAUSE", 30)
    for number in range(3):
        with pytest.raises(Unauthenticated):
            opens(issuer.token(RSAKey.generate_key(2048, {"kid": f"unknown {number}"})))
    with pytest.raises(Unauthenticated):
        opens(old)
    assert len(issuer.asked) == 4


def test_an_issuer_that_is_away_for_a_while_does_not_shut_anybody_out(
    opens: Opens, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opens(issuer.token()).name == "42"
    issuer.broken = True
    monkeypatch.setattr(tokens, "PAUSE", 0)
    monkeypatch.setattr(tokens, "FRESH", 0)
    assert opens(issuer.token()).name == "42"

    monkeypatch.setattr(tokens, "STALE", 0)
    with pytest.raises(Unavailable):
        opens(issuer.token())


def test_an_issuer_that_is_slow_is_waited_for_briefly_where_keys_are_at_hand(
    opens: Opens, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opens(issuer.token()).name == "42"
    for name, value in (("PAUSE", 0), ("FRESH", 0), ("PATIENCE", 0.05)):
        monkeypatch.setattr(tokens, name, value)
    answering = Event()
    monkeypatch.setattr(issuer, "told", lambda path: answering.wait(3) and {})
    token, begun = issuer.token(), time.monotonic()

    assert opens(token).name == "42"
    assert time.monotonic() - begun < 2
    answering.set()


def test_an_issuer_that_never_answered_shuts_out_only_those_with_tokens(
    engine: sa.Engine, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.broken = True
    opens, token = door(engine, issuer.settings()), issuer.token()
    with pytest.raises(Unavailable):
        opens(token)

    assert asyncio.run(Door(engine, issuer.settings()).actor(None)) is ANYONE
    assert caplog.messages == ["The issuer's keys cannot be had: HTTPStatusError"]


def test_keys_are_taken_from_no_other_issuer(engine: sa.Engine, issuer: Issuer) -> None:
    settings = Settings(oidc_issuer=f"{issuer.address}/", oidc_audience="registry")
    with pytest.raises(Unavailable):
        door(engine, settings)(issuer.token())


def test_the_address_of_the_keys_may_be_given(engine: sa.Engine, issuer: Issuer) -> None:
    opens = door(engine, issuer.settings(oidc_jwks_url=f"{issuer.address}/elsewhere"))

    assert opens(issuer.token()).name == "42"
    assert issuer.asked == ["/elsewhere"]


# ── Over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def client(engine: sa.Engine, **settings: Any) -> Iterator[Callable[..., httpx2.Response]]:
    """Asks the application: `ask(query, authorization, method)`."""
    app = create_app(Settings(database_url=engine.url.render_as_string(hide_password=False), **settings))

    async def answer(query: str, given: list[str], method: str, path: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://registry") as session:
            headers = [("Authorization", each) for each in given]
            if method == "GET":
                return await session.get(path, params={"query": query}, headers=headers)
            return await session.post(path, json={"query": query}, headers=headers)

    yield lambda query, *given, method="POST", path="/graphql": asyncio.run(answer(query, [*given], method, path))
    asyncio.run(app.state.endpoint.close())


def key_of(engine: sa.Engine, role: Role, name: str = "Ministry") -> str:
    with changeset(engine, "A test.") as changes:
        return f"Bearer {keys.create(changes, name=name, role=role)[1]}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Bearer rk_00000000_unknown", "The key is not known here."),
        ("Bearer", "The credential cannot be read."),
        ("Bearer ", "The credential cannot be read."),
        ("", "The credential cannot be read."),
        ("Basic dXNlcjpwYXNz", "The credential cannot be read."),
        ("rk_00000000_unknown", "The credential cannot be read."),
        (f"Bearer rk_{'0' * 20_000}", "The credential cannot be read."),
        ("Bearer abc.def.ghi", "The credential is no API key, and tokens are not taken here."),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/", "/health/live"])
def test_a_credential_that_opens_nothing_is_never_taken_for_none(
    seeded: sa.Engine, given: str, message: str, path: str
) -> None:
    with client(seeded) as ask:
        answer = ask(VIEWER, given, path=path, method="GET")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer realm="registry", error="invalid_token"',
    )
    (error,) = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, "UNAUTHENTICATED")
    assert answer.headers["cache-control"] == "no-store"


def test_two_credentials_are_one_too_many(seeded_copy: sa.Engine) -> None:
    key = key_of(seeded_copy, Role.READER)
    with client(seeded_copy) as ask:
        assert ask(VIEWER, key, key).status_code == 401


def test_an_issuer_that_does_not_answer_is_no_fault_of_the_asker(seeded: sa.Engine, issuer: Issuer) -> None:
    issuer.broken = True
    with client(seeded, oidc_issuer=issuer.address, oidc_audience="registry") as ask:
        answer = ask(VIEWER, f"Bearer {issuer.token()}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


def test_answers_are_kept_for_anybody_or_for_nobody_else(seeded_copy: sa.Engine) -> None:
    with client(seeded_copy) as ask:
        anyone = ask("{ about { version } }", method="GET")
        official = ask("{ about { version } }", key_of(seeded_copy, Role.READER), method="GET")

    assert (anyone.headers["cache-control"], official.headers["cache-control"]) == (
        "public, no-cache",
        "private, no-cache",
    )
    assert "Authorization" in anyone.headers["vary"]
    assert "Authorization" in official.headers["vary"]


def test_no_credential_is_logged(seeded_copy: sa.Engine, issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key, token = key_of(seeded_copy, Role.READER), f"Bearer {issuer.token()}"
    with client(seeded_copy, oidc_issuer=issuer.address, oidc_audience="registry") as ask:
        for given in (key, key + "x", token, token + "x"):
            ask(VIEWER, given)

    for secret in (key.split("_", 2)[2], token.split(".")[1], token.split(".")[2]):
        assert secret not in caplog.text


def test_the_use_of_keys_is_written_down_together_and_seldom(
    seeded_copy: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of(seeded_copy, Role.READER)
    written: list[int] = []
    monkeypatch.setattr(keys, "note_uses", lambda engine, used: written.append(len(used)))

    async def use(made: Door) -> None:
        for _ in range(5):
            assert (await made.actor(key)).name == "Ministry"
        if made._noting is not None:
            await made._noting

    door = Door(seeded_copy, Settings())
    asyncio.run(use(door))
    assert written == []
    monkeypatch.setattr(auth, "NOTE_EVERY", 0)
    asyncio.run(use(door))
    door.close()
    assert set(written) == {1}


# ── Over a websocket and as events ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def served(seeded_copy: sa.Engine) -> Iterator[str]:
    with serving(Settings(database_url=seeded_copy.url.render_as_string())) as address:
        yield address


def test_a_socket_is_opened_by_the_request_or_by_the_first_message(seeded_copy: sa.Engine, served: str) -> None:
    reader, editor = key_of(seeded_copy, Role.READER, "Embassy"), key_of(seeded_copy, Role.EDITOR)
    upgrade = {"additional_headers": {"Authorization": reader}}
    for init, options, name in (
        ("", {}, "anyone"),
        ("", upgrade, "Embassy"),
        ({"authorization": editor}, {}, "Ministry"),
        ({"Authorization": editor}, upgrade, "Ministry"),
    ):
        with talk(served, init=init, **options) as socket:
            assert socket.answer(VIEWER)["data"]["viewer"]["name"] == name


@pytest.mark.parametrize("given", ["Bearer rk_00000000_unknown", "Basic x", "", 7, None])
def test_a_socket_is_not_opened_by_a_credential_that_opens_nothing(served: str, given: Any) -> None:
    with talk(served, init=None) as socket:
        socket.say({"type": "connection_init", "payload": {"authorization": given}})
        assert socket.closing() == (4403, "Forbidden")
    if isinstance(given, str):
        with pytest.raises(InvalidStatus) as refused, talk(served, additional_headers={"Authorization": given}):
            pass
        assert refused.value.response.status_code == 401


def test_what_is_hidden_is_in_no_stream(seeded_copy: sa.Engine, served: str) -> None:
    reader, after = key_of(seeded_copy, Role.READER), end_of(seeded_copy)
    with (
        events(served, CHANGES, after=after) as to_all,
        events(served, CHANGES, after=after, headers={"Authorization": reader}) as to_reader,
    ):
        with changeset(seeded_copy, "Hidden.") as changes:
            make_agreement(changes, "hidden", audience=OFFICIAL, citations=WORDS)
        with changeset(seeded_copy, "Open.") as changes:
            make_company(changes)

        assert next(to_reader).data["data"]["changes"]["reason"] == "Hidden."
        assert next(to_all).data["data"]["changes"]["reason"] == "Open."
