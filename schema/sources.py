"""Sources, and the words of them that facts rest on."""

import strawberry
from strawberry import auto

from registry import sources
from schema.changes import Change, history_of
from schema.dates import UncertainDate
from schema.execution.field import declare
from schema.execution.source import AnyOf, Column, Link, Page, Same, ToOne
from schema.execution.source import UncertainDay as Dated
from schema.listings import FACTS
from schema.relay import PAGING, Connection, Node, PageInfo, Shown, node, paged, part
from schema.scalars import LanguageTag


@part(sources.Citation)
class Citation(Shown):
    """The words of a source that a fact rests on."""

    source: "Source" = declare(ToOne(sources.Source, "source_id"), "The document that says so.")
    quote: auto
    locator: auto
    note: auto


_CITED = ("Agreement", "LegalAct", "Company", "Quota", "Figure", "Engagement", "Institution", "Programme")
_RECORD = AnyOf("node", tuple((kind, "node_id") for kind in _CITED))


@strawberry.type(description="A fact that rests on a source.")
class FactEdge(Shown):
    cursor: str = paged("Resumes the list after, or before, this fact.")
    node: Node = declare(_RECORD, "The record that rests on the source.")
    citation: Citation = declare(Same(), "The words of the source that it rests on.")


@strawberry.type(description="A page of facts, and how to go on.")
class FactConnection(Shown):
    edges: list[FactEdge] = paged("The facts of the page, each with its cursor.")
    nodes: list[Node] = declare(_RECORD, "The records of the page.")
    page_info: PageInfo = paged("Where the page begins and ends.")
    total_count: int = paged("Number of facts in the whole list, whatever the page cuts.")


@node(sources.Source)
class Source(Node):
    """A document that facts are taken from."""

    reference: auto
    title: auto
    publisher: auto
    kind: auto
    reliability: auto
    language: LanguageTag = declare(Column("language"), "Language of the document.")
    published: UncertainDate | None = declare(Dated("published"), "When it was published; null where nothing is known.")
    url: auto
    sha256: auto
    copy_of: "Source | None" = declare(
        ToOne(sources.Source, "copy_of_id"), "The source this one merely copies, if known."
    )
    facts: FactConnection = declare(
        Page(FACTS, Link(column="source_id")), "What rests on this source, and on which of its words.", *PAGING
    )
    history: Connection[Change] = history_of("Source")
