"""Each setting once: its name, its default, one line of help. The environment variable `REGISTRY_PORT` sets `port`."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from registry.access import Role
from registry.errors import BadInput

#: Algorithms by which a token is signed with a private key and checked with a public one; never those by which whoever
#: can check it could also have made it (HS256), and never none.
_SIGNATURES = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)

_LOCAL = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}

VERSION = "0.1.0"


class Settings(BaseSettings):
    """What may differ from one registry to the next."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", frozen=True)

    database_url: str = Field(
        default="sqlite:///registry.db", description="Where the records are: an SQLite file or a PostgreSQL database."
    )
    host: str = Field(default="127.0.0.1", description="Address that the server listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port that the server listens on; 0 takes any free one."
    )
    home_country: str = Field(
        default="UZ", pattern="^[A-Z]{2}$", description="Country whose registry this is, by ISO 3166-1 alpha-2 code."
    )
    time_zone: str = Field(
        default="Asia/Tashkent", description="Time zone of the home country; it decides which day today is."
    )
    page_size_default: int = Field(default=20, ge=1, description="Records on a page where a query does not say.")
    page_size_max: int = Field(default=100, ge=1, description="Most records that a query may ask for on one page.")
    query_records_max: int = Field(
        default=50_000,
        ge=1,
        description="Most records that one query may lead to: pages inside pages multiply.",
    )
    query_cost_max: int = Field(
        default=100_000,
        ge=1,
        description="Most points that one query may cost: about one for each record it may lead to, more for what is"
        " sought, summed or worked out.",
    )
    query_tokens_max: int = Field(
        default=5_000,
        ge=100,
        description="Most words and signs of a document, which may have ten times as many characters.",
    )
    query_depth_max: int = Field(default=25, ge=1, description="Most fields inside fields of a document.")
    query_fields_max: int = Field(
        default=1_000, ge=1, description="Most fields of a document, those of its fragments wherever these stand."
    )
    query_aliases_max: int = Field(default=300, ge=0, description="Most aliases in a document.")
    query_directives_max: int = Field(default=100, ge=0, description="Most directives in a document.")
    query_variable_values_max: int = Field(
        default=20_000,
        ge=1,
        description="Most values in the variables of a request, those inside others included.",
    )
    request_seconds: float = Field(
        default=30, gt=0, description="Seconds that an answer may take, the time that it waits for its turn included."
    )
    statement_seconds: float = Field(
        default=10, gt=0, description="Seconds that one statement to the database may take for an answer."
    )
    heavy_reads: int = Field(
        default=1,
        ge=1,
        description="Long answers, and very long ones, worked out at a time, of each so many; short ones do not wait.",
    )
    annex: bool = Field(
        default=True,
        description="Whether what takes long is worked out in a second process, for which short answers never wait.",
    )
    heavy_waiting_max: int = Field(
        default=100, ge=0, description="Answers that may wait for their turn; more are refused with 503, to come again."
    )
    writes_waiting_max: int = Field(
        default=100,
        ge=0,
        description="Changes that may wait for another to be written; more are refused with 503.",
    )
    client_points_per_second: int = Field(
        default=50_000,
        ge=0,
        description="Points that one client may spend in a second, as queries cost them; 0 is no bound.",
    )
    client_points_burst: int = Field(
        default=2_000_000, ge=1, description="Points that a client who has spent less may have saved up."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of proxies, parted by commas, whose `X-Forwarded-…` is believed.",
    )
    answer_cache_bytes: int = Field(
        default=33_554_432,
        ge=0,
        description="Bytes of answers kept for as long as nothing is committed, on SQLite; 0 keeps none, "
        "nor lists that answers share, nor pages made of answers.",
    )
    body_bytes_max: int = Field(
        default=1_000_000, ge=1_000, description="Most bytes of the body of a request to /graphql."
    )
    import_bytes_max: int = Field(
        default=67_108_864, ge=1, description="Most bytes of a file that is imported over HTTP."
    )

    introspection: bool = Field(
        default=True,
        description="Whether clients may ask for the schema, fetch it, and are told which names they may have meant.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins such as `https://example.org`, parted by spaces, whose pages may ask from a browser,"
        " besides its own.",
    )
    hsts_seconds: int = Field(
        default=31_536_000,
        ge=0,
        description="Seconds for which browsers that came by https shall come by nothing else; 0 tells none.",
    )

    trusted_documents: Path | None = Field(
        default=None,
        description="File of documents that clients may ask for by hash: the `persisted-documents.json` of GraphQL Code"
        " Generator.",
    )
    trusted_documents_only: bool = Field(
        default=False, description="Whether documents of that file are the only ones that are answered."
    )
    persisted_queries_max: int = Field(
        default=0,
        ge=0,
        description="Most queries that clients may leave, to ask for them by hash (Apollo's APQ); 0 takes none.",
    )
    persisted_queries_bytes_max: int = Field(
        default=4_194_304, ge=0, description="Most bytes that those queries may take together."
    )

    documents_dir: str = Field(
        default="documents",
        description="Folder with copies of sources, each named by its SHA-256, in which quotations are looked up.",
    )
    snapshots_dir: Path | None = Field(
        default=None, description="Folder for snapshots of earlier knowledge; None is the system's for temporary files."
    )
    snapshots_max: int = Field(default=8, ge=1, description="Most snapshots of earlier knowledge that are kept.")
    snapshots_bytes_max: int = Field(
        default=4_294_967_296, ge=0, description="Most bytes that snapshots of earlier knowledge may take together."
    )
    snapshots_minutes: int = Field(
        default=60, ge=1, le=10_000_000, description="Minutes that a snapshot is kept which nobody reads."
    )
    snapshots_makers: int = Field(default=1, ge=1, description="Snapshots that are made at the same time, at most.")

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What the log tells: from debug, everything, to error; at info each request."
    )
    log_format: Literal["json", "console"] | None = Field(
        default=None, description="How: json, a line each, or console; None is console at a terminal and else json."
    )
    metrics: Literal["off", "local", "open"] = Field(
        default="local",
        description="Who may read /metrics: off, open, or local: the machine itself, administrators and metrics_token.",
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=16, description="Token that opens /metrics and nothing else, sent as Bearer."
    )
    disk_bytes_min: int = Field(
        default=268_435_456, ge=0, description="Bytes that must be free on disk for the registry to be ready."
    )
    drain_seconds: float = Field(
        default=0,
        ge=0,
        description="Seconds in which a server that was told to end still takes requests, and /health/ready says no.",
    )

    oidc_issuer: str | None = Field(
        default=None, description="Address of the issuer of OpenID Connect tokens; with None no tokens are taken."
    )
    oidc_audience: str | None = Field(
        default=None, description="Whom tokens must be for: the registry's name at the issuer. Needed with an issuer."
    )
    oidc_jwks_url: str | None = Field(
        default=None, description="Where the issuer's keys are; None asks its /.well-known/openid-configuration."
    )
    oidc_algorithms: str = Field(
        default="RS256 PS256 ES256", description="Algorithms that tokens may be signed with, of public keys only."
    )
    oidc_role_claim: str = Field(
        default="roles", description="Claim with the roles; a full stop leads inwards, as in realm_access.roles."
    )
    oidc_roles: str = Field(
        default="READER=READER EDITOR=EDITOR ADMIN=ADMIN",
        description="Role here for each value of that claim; the highest counts, and without one the token reads as the"
        " public.",
    )

    idempotency_hours: int = Field(
        default=24,
        ge=1,
        le=100_000,
        description="Hours for which a repeated request with the same Idempotency-Key is recognised.",
    )
    client_streams: int = Field(
        default=200, ge=1, description="Sockets and event streams that one client, by its address, may have open."
    )
    socket_operations: int = Field(default=100, ge=1, description="Operations that one socket may have under way.")
    socket_message_bytes: int = Field(default=131_072, ge=1_000, description="Most bytes of a message to a socket.")
    socket_init_seconds: float = Field(
        default=5, gt=0, description="Seconds that a socket has to say who it is, by `connection_init`."
    )
    keep_alive_seconds: float = Field(
        default=12, gt=0, description="Seconds of silence after which a stream shows that it is still there."
    )
    slow_reader_seconds: float = Field(
        default=20, gt=0, description="Seconds that a client may leave what is sent to it unread."
    )

    slow_writer_seconds: float = Field(
        default=20, gt=0, description="Seconds that a client has to send the head of a request, and then its body."
    )

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a time zone of the IANA database, such as Asia/Tashkent") from None
        return name

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, named: str) -> str:
        for each in filter(None, map(str.strip, named.split(","))):
            try:
                ip_network(each, strict=False) if each != "*" else None
            except ValueError:
                raise ValueError("not a list of addresses or networks such as 127.0.0.1, 10.0.0.0/8") from None
        return named

    @field_validator("oidc_issuer", "oidc_jwks_url")
    @classmethod
    def _address_is_safe(cls, address: str | None) -> str | None:
        """Keys that come over an open line could be anybody's; on the machine itself there is no line."""
        parts = urlsplit(address or "")
        if address and parts.scheme != "https" and (parts.scheme, parts.hostname) not in _LOCAL:
            raise ValueError("not an address that begins with https://")
        return address

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_exact(cls, origins: str) -> str:
        for origin in origins.split():
            parts = urlsplit(origin)
            if (
                parts.scheme not in ("http", "https")
                or not parts.netloc
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError("not a list of origins such as https://example.org https://localhost:3000")
        return origins.lower()

    @field_validator("oidc_algorithms")
    @classmethod
    def _algorithms_have_public_keys(cls, names: str) -> str:
        unknown = [name for name in names.split() if name not in _SIGNATURES]
        if unknown or not names.split():
            raise ValueError(f"not a list of some of {' '.join(_SIGNATURES)}")
        return names

    @field_validator("oidc_roles")
    @classmethod
    def _roles_are_known(cls, pairs: str) -> str:
        if not all(pair.partition("=")[0] and pair.partition("=")[2] in Role.__members__ for pair in pairs.split()):
            raise ValueError("not a list such as registry-editor=EDITOR registry-admin=ADMIN")
        return pairs

    @model_validator(mode="after")
    def _tokens_are_for_somebody(self) -> "Settings":
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("oidc_audience must say whom tokens of oidc_issuer are for")
        return self

    @model_validator(mode="after")
    def _there_are_documents_to_trust(self) -> "Settings":
        if self.trusted_documents_only and not self.trusted_documents:
            raise ValueError("trusted_documents_only needs the file trusted_documents")
        return self

    @model_validator(mode="after")
    def _default_page_fits(self) -> "Settings":
        if self.page_size_default > self.page_size_max:
            raise ValueError("page_size_default may not be more than page_size_max")
        return self


def read_settings(**given: Any) -> Settings:
    """The settings, from the environment and, before it, from what is `given`; a value of None counts as not given.

    Raises `BadInput`, which names the settings at fault.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(f"{_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise BadInput(f"The settings cannot be used: {faults}.") from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"REGISTRY_{str(location[0]).upper()}" if location else "REGISTRY_…"
