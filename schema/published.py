"""The schema as clients get it: in the schema definition language, with what it cannot say of errors at its head."""

from strawberry import Schema

from registry.error_codes import CODES

_HEAD = """\
The schema of the registry. Answers come from /graphql.

An error has a `message`, the `path` of the field it belongs to and `extensions`: a `code` that never changes its
meaning, often a `hint` of what to do, the way to the `argument` at fault (places in lists counted from 0), and, where
the registry itself has failed, the `logId` by which operators find it. At most five errors are told. `userErrors` of
mutations have the same codes. The codes, with the status over HTTP of a response that tells nothing else:
"""


def sdl(schema: Schema) -> str:
    """The text of a schema, with the table of codes."""
    width = max(map(len, CODES))
    table = [f"  {code:{width}}  {meaning.status}  {meaning.sentence}" for code, meaning in CODES.items()]
    head = [f"# {line}".rstrip() for line in [*_HEAD.splitlines(), *table]]
    return "\n".join([*head, "", schema.as_str()]) + "\n"
