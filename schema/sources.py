"""Sources, and the words of them that facts rest on."""

import asyncio
from typing import Any

import strawberry
from strawberry import Private, auto

from registry import sources
from schema.context import Moment
from schema.dates import UncertainDate
from schema.execution.field import computed, declare
from schema.execution.identity import SHOWN_BY_NAME
from schema.execution.plain import PageRead, one
from schema.execution.source import AnyOf, Column, Link, Page, Same, ToOne
from schema.execution.source import UncertainDay as Dated
from schema.listings import FACTS
from schema.relay import PAGING, Node, PageInfo, Shown, node, part
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
class FactEdge:
    page: Private[PageRead]
    row: Private[Any]

    @computed("Resumes the list after, or before, this fact.")
    async def cursor(self) -> str:
        return await self.page.cursor(self.row)

    @computed("The record that rests on the source.", source=_RECORD)
    async def node(self) -> Node:
        found: Node = await _fact(self.page, self.row)
        return found

    @computed("The words of the source that it rests on.", source=Same())
    def citation(self) -> Citation:
        return Citation(self.row, self.page.moment)


@strawberry.type(description="A page of facts, and how to go on.")
class FactConnection:
    row: Private[PageRead]
    moment: Private[Moment]

    @computed("The facts of the page, each with its cursor.")
    def edges(self) -> list[FactEdge]:
        return [FactEdge(page=self.row, row=row) for row in self.row.rows]

    @computed("The records of the page.", source=_RECORD)
    async def nodes(self) -> list[Node]:
        return [await fact for fact in [_started(self.row, row) for row in self.row.rows]]

    @computed("Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        return PageInfo(page=self.row)

    @computed("Number of facts in the whole list, whatever the page cuts.")
    async def total_count(self) -> int:
        return await self.row.count()


def _started(page: PageRead, row: Any) -> Any:
    """The record of a fact, its look-up begun at once so that all of a page are looked up together."""
    return asyncio.ensure_future(_fact(page, row))


async def _fact(page: PageRead, row: Any) -> Any:
    return await one(page.context, SHOWN_BY_NAME[row.node], row.node_id, page.moment)


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
