"""Documents that are asked for by what they are known by: those trusted, and those that clients have left here before.

Trusted documents come in the file that GraphQL Code Generator writes, each text under its hash. Clients name one as
`documentId` (GraphQL over HTTP) or as Apollo's `extensions.persistedQuery.sha256Hash`, with `sha256:` before it or not.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import orjson
from graphql import GraphQLError, parse, validate
from strawberry import Schema
from strawberry.http import GraphQLRequestData

from registry.errors import BadInput
from registry.settings import Settings
from registry.web.asking import Asked
from registry.web.refusing import Refused

_PREFIX = "sha256:"
_SHA256 = re.compile("[0-9a-fA-F]{64}")

_TRUSTED_ONLY = "This registry answers only the documents that it was started with; its operators add them."


class Documents:
    """Finds the text that a request asks for, and refuses those that may not be asked."""

    def __init__(self, settings: Settings, schema: Schema) -> None:
        file = settings.trusted_documents
        self._trusted = _read(file, schema) if file else {}
        self._only_trusted = settings.trusted_documents_only
        #: The texts that are trusted.
        self.texts = frozenset(self._trusted.values())
        self._left = Left(settings.persisted_queries_max, settings.persisted_queries_bytes_max)

    def found(self, asked: Asked) -> GraphQLRequestData:
        """What is asked for, with its text. Raises `Refused` where there is none, or none that may be asked."""
        name, by_apollo = _name_of(asked)
        text = self._named(name, asked.query, by_apollo) if name is not None else asked.query
        if not text:
            raise Refused(400, "There is no query in the request.")
        if self._only_trusted and text not in self.texts:
            raise Refused(403, "This document is not one of those trusted.", "DOCUMENT_NOT_TRUSTED", hint=_TRUSTED_ONLY)
        return GraphQLRequestData(text, asked.variables, asked.operation_name, asked.extensions)

    def _named(self, name: str, query: str | None, by_apollo: bool) -> str:
        trusted = self._trusted.get(name)
        if trusted is not None and query in (None, "", trusted):
            return trusted
        if query:
            self._leave(name, query, by_apollo)
            return query
        left = self._left.get(name) if by_apollo else None
        if left is not None:
            return left
        if by_apollo and not self._only_trusted:
            raise _Apollo("PERSISTED_QUERY_NOT_FOUND" if self._left.most else "PERSISTED_QUERY_NOT_SUPPORTED")
        hint = _TRUSTED_ONLY if self._only_trusted else "Send its text as `query`."
        raise Refused(400, "No document is known by this id.", "DOCUMENT_NOT_FOUND", hint=hint)

    def _leave(self, name: str, query: str, by_apollo: bool) -> None:
        """Keeps a text for the next who asks for it by its hash. Raises `Refused` where that is not its hash."""
        said = name.lower()
        if _SHA256.fullmatch(name) and hashlib.sha256(query.encode()).hexdigest() != said:
            raise Refused(400, "The hash is not that of the query.", "PERSISTED_QUERY_MISMATCH")
        if by_apollo and not self._only_trusted and _SHA256.fullmatch(name):
            self._left.keep(said, query)


class _Apollo(Refused):
    """A refusal in the words by which Apollo's client knows it; it then sends the text."""

    def __init__(self, code: str) -> None:
        words = "".join(word.capitalize() for word in code.split("_"))
        super().__init__(400, words, code, hint="Send the text as `query`, beside the hash.")


class Left:
    """Texts that clients have left, by their hash: the ones used last, in bounds of number and of bytes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self._most_bytes = most_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def get(self, name: str) -> str | None:
        """The text of this hash, if it is still here."""
        text = self._texts.get(name.lower())
        if text is not None:
            self._texts.move_to_end(name.lower())
        return text

    def keep(self, name: str, text: str) -> None:
        """Keeps a text, and forgets as many of those that have not been used for longest as it takes."""
        size = _size(text)
        if not self.most or size > self._most_bytes or name in self._texts:
            return
        self._texts[name] = text
        self._bytes += size
        while len(self._texts) > self.most or self._bytes > self._most_bytes:
            _, forgotten = self._texts.popitem(last=False)
            self._bytes -= _size(forgotten)


def _size(text: str) -> int:
    return len(text.encode())


def _name_of(asked: Asked) -> tuple[str | None, bool]:
    """What the document is known by, without `sha256:`, and whether Apollo's way was taken to say so."""
    if asked.document_id is not None:
        return asked.document_id.removeprefix(_PREFIX), False
    persisted = (asked.extensions or {}).get("persistedQuery")
    if persisted is None:
        return None, False
    name = persisted.get("sha256Hash") if isinstance(persisted, Mapping) else None
    if not isinstance(name, str):
        raise Refused(400, "`extensions.persistedQuery` must be an object with a `sha256Hash`.")
    return name.removeprefix(_PREFIX), True


def _read(file: Path, schema: Schema) -> dict[str, str]:
    """The trusted documents by what they are known by. Raises `BadInput`, which names the one at fault."""
    try:
        texts = orjson.loads(file.read_bytes())
    except OSError as error:
        raise BadInput(f"The trusted documents in {file} cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise BadInput(f"The trusted documents in {file} are not JSON: {error}.") from None
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise BadInput(f"The trusted documents in {file} must be one JSON object, of a text for each hash.")
    for name, text in texts.items():
        try:
            problems = validate(schema._schema, parse(text))
        except GraphQLError as error:
            problems = [error]
        if problems:
            raise BadInput(f"The trusted document {name} in {file} is not valid: {problems[0].message}")
    return {name.removeprefix(_PREFIX): text for name, text in texts.items()}
