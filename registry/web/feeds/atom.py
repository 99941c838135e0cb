"""Feeds as RFC 4287 has them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

_ATOM = "http://www.w3.org/2005/Atom"

#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One thing that happened; instants are in the form of RFC 3339."""

    id: str
    title: str
    updated: str
    author: str
    summary: str
    category: str
    url: str


@dataclass(frozen=True)
class Feed:
    """Entries, newest first. `links` are addresses by their relation: `self`, `alternate`, `next`, `first`."""

    id: str
    title: str
    language: str
    updated: str
    author: str
    generator: tuple[str, str]
    links: dict[str, str]
    entries: Sequence[Entry]


#: What stands at the addresses of links.
_TYPES = {"alternate": "text/html"}


def written(feed: Feed) -> bytes:
    """The feed as a file."""
    root = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    _add(ElementTree.SubElement(root, "author"), "name", feed.author)
    name, version = feed.generator
    _add(root, "generator", name, version=version)
    for relation, address in feed.links.items():
        _link(root, relation, address)
    for entry in feed.entries:
        _entry(ElementTree.SubElement(root, "entry"), entry)
    told: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return told


def _entry(parent: ElementTree.Element, entry: Entry) -> None:
    _add(parent, "id", entry.id)
    _add(parent, "title", entry.title)
    _add(parent, "updated", entry.updated)
    _add(parent, "published", entry.updated)
    _add(ElementTree.SubElement(parent, "author"), "name", entry.author)
    ElementTree.SubElement(parent, "category", {"term": _told(entry.category)})
    _link(parent, "alternate", entry.url)
    _add(parent, "summary", entry.summary)


def _link(parent: ElementTree.Element, relation: str, address: str) -> None:
    kind = _TYPES.get(relation, "application/atom+xml")
    ElementTree.SubElement(parent, "link", {"rel": relation, "type": kind, "href": _told(address)})


def _add(parent: ElementTree.Element, name: str, content: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = _told(content)


def _told(content: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", content)
