"""The index of what can be found by words: one entry for each record, kept where the record is written.

What the words are is said by the nouns; how they are written in the index and sought there, here. On SQLite the words
stand in a table of FTS5, on PostgreSQL in columns of the type tsvector.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session

from registry.access import PUBLIC
from registry.codes import Code, Language
from registry.database import batches
from registry.history import Row, column, table_behind
from registry.language import label
from registry.search.forms import forms, plain, tells_nothing, words
from registry.search.glossary import meanings
from registry.texts import fold

T = TypeVar("T", bound=Row)


class SearchKind(Code):
    """What kinds of records can be found by words."""

    COUNTRY = "COUNTRY", "A country or territory of ISO 3166-1."
    AGREEMENT = "AGREEMENT", "An instrument between parties, whatever its name and force."
    COMPANY = "COMPANY", "A partner company or organisation."
    INSTITUTION = "INSTITUTION", "An authority, fund or other body."
    PROGRAMME = "PROGRAMME", "Help for those who leave and those who return."
    SECTOR = "SECTOR", "A branch of economic activity, by ISIC Rev. 4."
    ENGAGEMENT = "ENGAGEMENT", "A meeting, visit or other dealing."


#: Words that mean the kind itself, in English, Russian and Uzbek.
_MEANING = {
    SearchKind.COUNTRY: "country страна государство davlat mamlakat",
    SearchKind.AGREEMENT: "agreement treaty accord соглашение договор kelishuv bitim shartnoma",
    SearchKind.COMPANY: "company partner компания предприятие партнёр kompaniya korxona hamkor",
    SearchKind.INSTITUTION: "institution authority body учреждение ведомство орган muassasa idora tashkilot",
    SearchKind.PROGRAMME: "programme help support программа помощь поддержка dastur yordam",
    SearchKind.SECTOR: "sector industry отрасль сектор soha tarmoq",
    SearchKind.ENGAGEMENT: "meeting dealing talks встреча переговоры uchrashuv muzokara",
}


class SearchEntry(Row, table=True):
    """A record that can be found by words. Derived."""

    __logged__ = False
    __part_of__ = ("subject_type", "record_id")
    __tablename__ = "search_entry"
    __table_args__ = (
        sa.UniqueConstraint("kind", "key"),
        sa.Index("ix_search_entry_order", "kind_rank", "sort_key", "id"),
    )

    id: int | None = column("Number of the entry.", PUBLIC, primary_key=True, default=None)
    kind: SearchKind = column("What kind of record it is.", PUBLIC, kind=SearchKind)
    key: str = column("Id or code of the record, as text.", PUBLIC)
    record_id: int | None = column("Id of the record, where it has one.", PUBLIC, default=None)
    code: str | None = column("Code of the record, where it has one.", PUBLIC, default=None)
    subject_type: str = column("Type of the record, such as Agreement.", PUBLIC)
    kind_rank: int = column("Place of the kind among the kinds.", PUBLIC)
    comparator: bool = column("True for what is kept for comparison only.", PUBLIC, default=False)
    sort_key: str = column("Name, folded for ordering.", PUBLIC)
    texts: list[str] = column("What is shown of the words that were found: names first.", PUBLIC, kind=sa.JSON)


#: The words of the entries; made by a migration, as each database has its own kind of table for it.
_TERMS = sa.table("search_terms", sa.column("rowid", sa.Integer), sa.column("name"), sa.column("other"))


@dataclass(frozen=True)
class Findable:
    """What a record is found by: its names, and what else is told of it, in any languages."""

    key: int | str
    names: Sequence[str]
    others: Sequence[str] = ()
    comparator: bool = False


#: Entries written at once, within what databases take as parameters of one statement.
_BATCH = 500


def enter(session: Session, kind: SearchKind, keys: Iterable[int | str], found: Iterable[Findable]) -> None:
    """Puts records of one kind into the index, in place of what stood there under these keys."""
    forget(session, kind, keys)
    entries = table_behind(SearchEntry)
    waiting = list(found)
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        first = (session.execute(sa.select(sa.func.max(entries.c.id))).scalar() or 0) + 1
        session.execute(sa.insert(entries), [_entry(kind, number, one) for number, one in enumerate(batch, first)])
        terms = [_terms(kind, number, one) for number, one in enumerate(batch, first)]
        session.connection().execute(_insert(session), terms)


def some(session: Session, kind: type[T], keys: Sequence[str]) -> Iterator[T]:
    """The rows of a class with these ids or codes, by their primary key; those that are gone are passed over."""
    (primary,) = table_behind(kind).primary_key.columns
    wanted: Sequence[Any] = [int(key) for key in keys] if isinstance(primary.type, sa.Integer) else keys
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        yield from session.scalars(sa.select(kind).where(primary.in_(batch)).order_by(primary)).all()


def parts(session: Session, kind: type[T], owner: str, keys: Sequence[Any]) -> dict[Any, list[T]]:
    """The rows of a class by the record that they are part of, whose key `owner` holds; in their order."""
    table = table_behind(kind)
    found: dict[Any, list[T]] = {key: [] for key in keys}
    for batch in batches(keys):
        own = sa.select(kind).where(table.c[owner].in_(batch)).order_by(*table.primary_key.columns)
        for row in session.scalars(own):
            found[getattr(row, owner)].append(row)
    return found


class Called:
    """What records of a class are called, for finding what concerns them; each is read once."""

    def __init__(self, session: Session, kind: type[Row], names: Callable[[Any], list[str]]) -> None:
        self._session, self._kind, self._names = session, kind, names
        self._held: dict[str, list[str]] = {}

    def of(self, *codes: str | None) -> list[str]:
        """The names of the records with these codes, each record's once."""
        return [name for code in dict.fromkeys(codes) if code for name in self._of(code)]

    def _of(self, code: str) -> list[str]:
        if code not in self._held:
            row = self._session.get(self._kind, code)
            self._held[code] = self._names(row) if row else []
        return self._held[code]


def in_all_languages(row: Any, column: str) -> list[str]:
    """What the columns `name_en`, `name_ru` and their like say, where they say anything."""
    texts = (getattr(row, f"{column}_{language.suffix}", None) for language in Language)
    return [text for text in texts if text]


def spoken(codes: Iterable[Code]) -> list[str]:
    """What codes are called, in all languages; Uzbek in one script, since both are found alike."""
    return [label(code, language) for code in codes for language in (Language.EN, Language.RU, Language.UZ)]


def forget(session: Session, kind: SearchKind, keys: Iterable[int | str]) -> None:
    """Takes records out of the index."""
    entries, texts = table_behind(SearchEntry), [str(key) for key in keys]
    for start in range(0, len(texts), _BATCH):
        held = sa.and_(entries.c.kind == kind, entries.c.key.in_(texts[start : start + _BATCH]))
        gone = list(session.execute(sa.select(entries.c.id).where(held)).scalars())
        if gone:
            session.execute(sa.delete(entries).where(entries.c.id.in_(gone)))
            session.connection().execute(sa.delete(_TERMS).where(_TERMS.c.rowid.in_(gone)))


def _entry(kind: SearchKind, number: int, one: Findable) -> dict[str, Any]:
    return {
        "id": number,
        "kind": kind,
        "key": str(one.key),
        "record_id": one.key if isinstance(one.key, int) else None,
        "code": one.key if isinstance(one.key, str) else None,
        "subject_type": kind.title(),
        "kind_rank": [*SearchKind].index(kind),
        "comparator": one.comparator,
        "sort_key": fold(one.names[0]),
        "texts": list(dict.fromkeys([*one.names, *one.others])),
    }


def _terms(kind: SearchKind, number: int, one: Findable) -> dict[str, Any]:
    name = _indexed(one.names) | {term for text in one.names for term in _leading(text)}
    other = _indexed([*one.others, _MEANING[kind]])
    return {"rowid": number, "name": " ".join(sorted(name)), "other": " ".join(sorted(other))}


def _indexed(texts: Iterable[str]) -> set[str]:
    """All forms of all words of some texts, and of all that means the same in other languages."""
    return {form for text in texts for word in words(text) for form in (*forms(word), *meanings(word))}


#: Words at the beginning of a name that it is known by before others.
_LEADING = 4


#: Begins what the index has of places: a letter for private use, which no word has.
_PLACE = "\ue000"

#: How references are written, which are names for programs.
_REFERENCE = re.compile("[a-z0-9]+(-[a-z0-9]+)+")


def _leading(text: str) -> Iterator[str]:
    """The forms of the first words of a name, each with its place before it, and how many it has."""
    if not _REFERENCE.fullmatch(text):
        yield f"{_PLACE}{len(_telling(text))}"
        for place, word in enumerate(_telling(text)[:_LEADING], 1):
            yield from (f"{_PLACE}{place}{form}" for form in (*forms(word), *meanings(word)))


def _insert(session: Session) -> sa.Executable:
    if session.get_bind().dialect.name == "sqlite":
        return sa.insert(_TERMS)
    name, other = sa.bindparam("name", type_=sa.Text), sa.bindparam("other", type_=sa.Text)
    everything = sa.func.concat(name, " ", other)
    return sa.insert(_TERMS).values(rowid=sa.bindparam("rowid"), name=_vector(name), other=_vector(everything))


def _vector(terms: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    return sa.func.array_to_tsvector(sa.func.array_remove(sa.func.string_to_array(terms, " "), ""))


#: Words of a question beyond these do not narrow it further.
MOST_WORDS = 12

#: What no entry has.
_NOTHING = '"-"'


def sought(text: str) -> str:
    """What a text asks for, as FTS5 writes it: entries that have each of its words, or a word that begins so.

    A text without any word asks for nothing.
    """
    return " AND ".join(map(_one, _telling(text)[:MOST_WORDS])) or _NOTHING


def leading(text: str, *, begun: bool = True) -> str:
    """As `sought`, for entries with a name that begins with the words, in whichever order; without `begun` with each of
    them, and not with words that begin so.
    """
    asked = _telling(text)
    if len(asked) > _LEADING:
        return _NOTHING
    places = range(1, len(asked) + 1)
    return (
        " AND ".join(f"({' OR '.join(_one(word, f'{_PLACE}{place}', begun) for place in places)})" for word in asked)
        or _NOTHING
    )


def whole(text: str) -> str:
    """As `leading`, for entries with a name that has no other words."""
    return f'{leading(text, begun=False)} AND "{_PLACE}{len(_telling(text))}"'


def _telling(text: str) -> list[str]:
    """The words of a text that tell something, or all where none does."""
    every = words(text)
    return [word for word in every if not tells_nothing(word)] or every


def _one(word: str, place: str = "", begun: bool = True) -> str:
    more = (f'"{place}{form}"' for form in forms(word) if form != plain(word))
    itself = f'"{place}{plain(word)}"'
    return f"({' OR '.join([f'{itself} *' if begun else itself, *more])})"


def found(question: Any, first: Any, exact: Any, code: Any) -> sa.Select[Any]:
    """The entries that answer a question, which `sought` has written, with their `tier`.

    First come those with that `code` and those whose name is the words, as `whole` has written `exact`, then those with
    a name that begins with them, as `leading` has written `first`, then those whose names alone answer, then the
    others, and last of all what is kept for comparison.
    """
    entries = table_behind(SearchEntry)
    named = [(_NamesAnswer(entries.c.id, asked), place) for place, asked in enumerate((exact, first, question))]
    tier = sa.case((entries.c.code == code, -1), *named, else_=3) + sa.case((entries.c.comparator, 4), else_=0)
    return sa.select(entries, tier.label("tier")).where(_Answers(entries.c.id, question))


class _Answers(FunctionElement[bool]):
    """Whether the entry of that number answers a question, by its names and all else that is told of it."""

    type = sa.Boolean()
    inherit_cache = True
    part = "other"  # on PostgreSQL it has the names too
    asked = "{}"


class _NamesAnswer(_Answers):
    """Whether the names of the entry alone answer a question."""

    inherit_cache = True
    part = "name"
    asked = "'name : (' || {} || ')'"


@compiles(_Answers, "sqlite")
@compiles(_NamesAnswer, "sqlite")
def _by_fts5(element: _Answers, compiler: SQLCompiler, **options: Any) -> str:
    number, question = (compiler.process(each, **options) for each in element.clauses)
    asked = element.asked.format(question)
    return f"{number} IN (SELECT rowid FROM search_terms WHERE search_terms MATCH {asked})"


@compiles(_Answers, "postgresql")
@compiles(_NamesAnswer, "postgresql")
def _by_tsquery(element: _Answers, compiler: SQLCompiler, **options: Any) -> str:
    number, question = (compiler.process(each, **options) for each in element.clauses)
    asked = question
    for spelt, there in (('" *', "'':*"), (" OR ", " | "), (" AND ", " & "), ('"', "''")):
        asked = f"replace({asked}, '{spelt}', '{there}')"
    return f"{number} IN (SELECT rowid FROM search_terms WHERE {element.part} @@ CAST({asked} AS tsquery))"
