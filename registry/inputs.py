"""How the words of an input become keys, days and numbers of the registry, and how they are refused.

A path names the field as the public contract does (camelCase), so that the asker finds the culprit. Tables are found by
name: a noun can point to any other without importing it.

An input is checked as a whole within `checked`, before anything of it is written: what is refused there is noted, a
harmless stand-in is returned, and at the end all problems are raised together. Elsewhere the first is raised at once.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel

from registry.access import Audience
from registry.database import highest_id
from registry.dates import UncertainDate, parse_edtf
from registry.errors import BadInput, Conflict, Forbidden, NotFound, Refused, RegistryError
from registry.history import Changes, Record, changed_since, table_behind
from registry.texts import is_balanced, is_visible, is_writable, plain_tag
from registry.visibility import may_see

T = TypeVar("T")

#: Lists that are not paged are short by nature; the contract keeps them so when they are written.
LONGEST_LIST = 500

#: The ILO's estimate of all migrant workers of the world (2022): a larger count of people is a slip of the pen.
MOST_PEOPLE = 167_700_000

#: Letters, digits, hyphens and full stops. An address such as /sources/.. leads elsewhere, so that one of the first two
#: is needed.
_REFERENCE = re.compile(r"(?=.*[^\W_])([^\W_]|[.-]){1,200}")
_LANGUAGE = re.compile(
    r"[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|[0-9]{3}))?(-([a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*"
)
_ADDRESS = re.compile(r"https?://[^\s/]\S*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


_PROBLEMS: ContextVar[list[RegistryError] | None] = ContextVar("problems", default=None)


@contextmanager
def checked() -> Iterator[None]:
    """Where an input is checked: what follows it is only reached without any problem.

    Raises, at its end, the problem that was refused inside, or `Refused` with all of them where they are several.
    Inside another `checked` it leaves that to the outer one.
    """
    if _PROBLEMS.get() is not None:
        yield
        return
    problems: list[RegistryError] = []
    token = _PROBLEMS.set(problems)
    try:
        yield
    except RegistryError as last:
        problems.append(last)
    finally:
        _PROBLEMS.reset(token)
    if problems:
        raise problems[0] if len(problems) == 1 else Refused(problems)


def refuse(problem: RegistryError) -> None:
    """Notes a problem of the input that is being checked; raises it where none is."""
    noted = _PROBLEMS.get()
    if noted is None:
        raise problem
    noted.append(problem)


def key(record: Record) -> int:
    """The id that a record got when it was added."""
    assert record.id is not None
    return record.id


def id_of(changes: Changes, table: str, reference: str, *path: str) -> int:
    """The id of the record of `table` that has this reference, or 0; refuses with `NotFound`.

    What the actor may not see is not found either.
    """
    columns, seen = SQLModel.metadata.tables[table].c, may_see(table, changes.actor.audiences)
    sought = sa.select(columns.id).where(columns.reference == reference, seen)
    # What cannot be written is on no record, and PostgreSQL would not even look for it.
    found = changes.session.execute(sought).scalar() if is_writable(reference) else None
    if found is None:
        hint = f"Check the spelling, or enter the {table} first."
        refuse(NotFound(f"No {table} has the reference “{shown(reference)}”.", path=path, hint=hint))
    return int(found or 0)


def id_or_none(changes: Changes, table: str, reference: str | None, *path: str) -> int | None:
    """As `id_of`, for a field that may be left out."""
    return None if reference is None else id_of(changes, table, reference, *path)


_LISTS = {"country": "ISO 3166-1", "sector": "ISIC Rev. 4", "occupation": "ISCO-08", "region": "UN M49"}


def code_of(changes: Changes, table: str, code: str, *path: str) -> str:
    """`code` itself, where the code list holds it, or nothing; refuses with `BadInput`."""
    columns = SQLModel.metadata.tables[table].c
    sought = sa.select(columns.code).where(columns.code == code)
    if not is_writable(code) or changes.session.execute(sought).scalar() is None:
        hint = f"Give a code of {_LISTS[table]}, as the list of the registry spells it."
        refuse(BadInput(f"“{shown(code)}” is no {table} code of {_LISTS[table]}.", path=path, hint=hint))
        return ""
    return code


def code_or_none(changes: Changes, table: str, code: str | None, *path: str) -> str | None:
    """As `code_of`, for a field that may be left out."""
    return None if code is None else code_of(changes, table, code, *path)


def new_reference(changes: Changes, table: str, reference: str) -> str:
    """`reference` itself, where it is well formed and not taken; refuses with `BadInput` or `Conflict`.

    Of the ways in which Unicode writes a letter, references have the composed one (NFC), else two would look the same.
    It may be taken by a record that the actor may not see: a reference names one record for all, so that this is told.
    """
    if not _REFERENCE.fullmatch(reference) or not unicodedata.is_normalized("NFC", reference):
        hint = "Use letters (as Unicode composes them, NFC), digits, hyphens and full stops, such as UZ-DE-2024."
        refuse(BadInput(f"“{shown(reference)}” cannot be a reference.", path=("reference",), hint=hint))
        return ""
    columns = SQLModel.metadata.tables[table].c
    if changes.session.execute(sa.select(columns.id).where(columns.reference == reference)).scalar() is not None:
        hint = "Choose another reference, or revise the record that has this one."
        refuse(Conflict(f"The reference “{reference}” is taken.", path=("reference",), hint=hint))
    return reference


def may_be_seen(changes: Changes, record: Any) -> bool:
    """Whether whoever makes the change may be shown a record."""
    table = table_behind(type(record))
    seen = sa.select(table.c.id).where(table.c.id == record.id, may_see(table.name, changes.actor.audiences))
    return changes.session.execute(seen).scalar() is not None


def audience(changes: Changes, wanted: Audience) -> Audience:
    """`wanted` itself; refuses with `Forbidden` where whoever makes the change would not be shown the record."""
    if wanted not in changes.actor.audiences:
        hint = f"Give one of {', '.join(changes.actor.audiences)}, or ask an administrator."
        message = f"What is {wanted} may not be shown to you, so that you could not take it back."
        refuse(Forbidden(message, path=("audience",), hint=hint))
    return wanted


def check_version(changes: Changes, kind: Any, record_id: int, expected: int | None) -> None:
    """Refuses with `Conflict` where a record, once it is found, is not at the version that the asker has seen."""
    if not record_id or expected is None:
        return
    record = changes.session.get_one(kind, record_id)
    if record.version != expected:
        since = changed_since(changes.session, kind, record_id, expected) if expected < record.version else []
        message = f"“{record.reference}” is at version {record.version}, not {expected}."
        told = f" Changed since: {', '.join(dict.fromkeys(map(_field, since)))}." if since else ""
        refuse(Conflict(message + told, path=("expectedVersion",), hint="Read it again and decide anew."))


def check_something(revised: Mapping[str, Any]) -> None:
    """Refuses with `BadInput` a revision that changes nothing."""
    if not revised:
        hint = "Give at least one field that is to change."
        refuse(BadInput("Nothing is said to have changed.", hint=hint))


def _field(column: str) -> str:
    """A column as the contract calls it: the code or the id of another record, or a bound of a date, by its field."""
    first, *more = re.sub("_(code|id|earliest|latest|start|end)$", "", column).split("_")
    return first + "".join(word.capitalize() for word in more)


def made_reference(changes: Changes, table: str) -> str:
    """A reference that nobody has yet, such as figure-12, nor had before being withdrawn."""
    records = SQLModel.metadata.tables[table]
    number = highest_id(changes.session.connection(), records) + 1
    taken = sa.select(records.c.id)
    while changes.session.execute(taken.where(records.c.reference == f"{table}-{number}")).scalar() is not None:
        number += 1
    return f"{table}-{number}"


def check_text(text: str, *path: str) -> None:
    """Refuses with `BadInput` a text that readers would not see as it is.

    That is one with characters that cannot be written, such as NUL; one of characters alone that nobody sees; and one
    that turns the direction of what stands behind it.
    """
    if not is_writable(text):
        hint = "Take the control characters out."
        refuse(BadInput("The text has characters that cannot be written.", path=path, hint=hint))
    elif not is_balanced(text):
        hint = "Take U+202A to U+202E and U+2066 to U+2069 out, or end each change of direction in the text."
        refuse(BadInput("The text changes its direction without changing it back.", path=path, hint=hint))
    elif text.strip() and not is_visible(text):
        hint = "Give a letter, a digit or a sign that can be seen."
        refuse(BadInput("Nothing of the text can be seen.", path=path, hint=hint))


def words(text: str | None, *path: str, hint: str = "Give at least one letter, digit or sign.") -> str:
    """`text` without white space around it; refuses with `BadInput` where nothing is left, or as `check_text`."""
    if text is None or not text.strip():
        refuse(BadInput("The field is empty.", path=path, hint=hint))
    check_text(text or "", *path)
    return (text or "").strip()


def why(reason: str) -> str:
    """Why something is written, as by `words`."""
    return words(reason, "reason", hint="Say why this is entered; the log of changes keeps it.")


def remark(text: str | None, *path: str) -> str | None:
    """`text` without white space around it; None where nothing is left. Refuses as `check_text`."""
    check_text(text or "", *path)
    return (text or "").strip() or None


def short(items: Sequence[T], *path: str) -> list[T]:
    """The items, each once, in their order; refuses with `BadInput` where they are more than 500."""
    if len(items) > LONGEST_LIST:
        refuse(BadInput(f"The list has {len(items)} items; {LONGEST_LIST} are the most.", path=path))
    return list(dict.fromkeys(items[:LONGEST_LIST]))


def numbered(items: Sequence[T], *path: str) -> list[tuple[tuple[str, ...], T]]:
    """As `short`, each item with its own path: its place in the input, counted from 0."""
    unique = short(items, *path)
    places = {item: place for place, item in reversed(list(enumerate(items)))}
    return [((*path, str(places[item])), item) for item in unique]


def texts(items: Sequence[str], *path: str) -> list[str]:
    """The texts of a list, each once and each as by `words`."""
    return list(dict.fromkeys(words(item, *place) for place, item in numbered(items, *path)))


def labels(name: str, names: Sequence[str]) -> list[str]:
    """All that something is called: its name first, then those of `names`, as by `texts`."""
    return list(dict.fromkeys([name.strip(), *texts(names, "names")]))


def codes(changes: Changes, table: str, given: Sequence[str], *path: str) -> list[str]:
    """The codes of a list, each once, each as by `code_of`."""
    return [code_of(changes, table, code, *place) for place, code in numbered(given, *path)]


def room(changes: Changes, table: str, owner: str, owner_id: int | None, *path: str) -> int:
    """How many rows of `table` a record has by now; refuses with `BadInput` where it may have no more."""
    columns = SQLModel.metadata.tables[table].c
    held = changes.session.execute(sa.select(sa.func.count()).where(columns[owner] == owner_id)).scalar_one()
    if held >= LONGEST_LIST:
        refuse(BadInput(f"There are {held} such entries; that is the most.", path=path))
    return int(held)


def uncertain(edtf: str, *path: str) -> UncertainDate:
    """The days that an EDTF text may mean; refuses with `BadInput`."""
    try:
        return parse_edtf(edtf)
    except BadInput as refused:
        refuse(BadInput(refused.message, path=path, hint=refused.hint))
        return UncertainDate(edtf, None, None)


def dated(field: str, edtf: str | None, *path: str) -> dict[str, Any]:
    """The three columns of a date, `field`, `field_earliest` and `field_latest`; the path is the field unless given."""
    day = None if edtf is None else uncertain(edtf, *(path or (field,)))
    return {
        field: day and day.edtf,
        f"{field}_earliest": day and day.earliest,
        f"{field}_latest": day and day.latest,
    }


def stretch(since: str | None, until: str | None) -> dict[str, Any]:
    """The six columns of a stretch of days; refuses with `BadInput` where it certainly ends before it begins."""
    columns = dated("since", since) | dated("until", until)
    first, last = columns["since_earliest"], columns["until_latest"]
    if first and last and last < first:
        refuse(BadInput(f"{until} is before {since}.", path=("until",), hint="Give a last day on or after the first."))
    return columns


def window(edtf: str) -> dict[str, Any]:
    """The three columns of a period: `period`, `period_start` and `period_end`."""
    days = uncertain(edtf, "period")
    return {"period": days.edtf, "period_start": days.earliest, "period_end": days.latest}


def count(number: int, *path: str) -> int:
    """`number` itself; refuses with `BadInput` where it is negative or larger than any number of migrant workers."""
    if not 0 <= number <= MOST_PEOPLE:
        hint = f"Give a whole number from 0 to {MOST_PEOPLE:,}, all migrant workers of the world."
        refuse(BadInput(f"{number} cannot be such a count.", path=path, hint=hint))
    return number


def number_within(number: int | None, least: int, most: int, *path: str) -> int | None:
    """`number` itself; refuses with `BadInput` where it is given and not from `least` to `most`."""
    if number is not None and not least <= number <= most:
        refuse(BadInput(f"{number} is out of bounds.", path=path, hint=f"Give a whole number from {least} to {most}."))
    return number


def language_tag(tag: str, *path: str) -> str:
    """A BCP 47 tag as `plain_tag` writes it; refuses with `BadInput` what has not the form of one."""
    if not _LANGUAGE.fullmatch(tag):
        hint = "Give a tag such as de or uz-Cyrl."
        refuse(BadInput(f"“{shown(tag)}” is no BCP 47 language tag.", path=path, hint=hint))
    return plain_tag(tag)


def address(url: str | None, *path: str) -> str | None:
    """`url` itself, where it is an address on the web; refuses with `BadInput`."""
    if url is not None and not (_ADDRESS.fullmatch(url) and is_writable(url)):
        refuse(BadInput(f"“{shown(url)}” is no web address.", path=path, hint="Begin with https:// or http://."))
    return url


def digest(sha256: str | None, *path: str) -> str | None:
    """The SHA-256 in small letters; refuses with `BadInput` where it is not 64 hexadecimal digits."""
    if sha256 is not None and not _DIGEST.fullmatch(sha256.lower()):
        refuse(BadInput(f"“{shown(sha256)}” is no SHA-256.", path=path, hint="Give 64 hexadecimal digits."))
    return sha256 and sha256.lower()


def shown(text: str) -> str:
    """`text` as a message quotes it: its beginning, where it is long."""
    return text if len(text) <= 60 else f"{text[:60]}…"
