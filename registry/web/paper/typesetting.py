"""How sheets are set: by typst, with the fonts that it brings, so that the same words give the same bytes anywhere."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

#: PDF/UA-1: tagged, with language and title, to be read out and reflowed.
STANDARDS = ["ua-1"]

#: Sheets kept for whoever asks for the same again.
KEPT = 64

#: Requests that may wait for the press; each takes some hundredths of a second.
MOST_WAITING = 50


class Busy(Exception):
    """Too many are waiting for the press already."""


def can_print() -> bool:
    """Whether typst is installed."""
    return find_spec("typst") is not None


class Press:
    """Sets one template, one sheet after the other, in a thread beside the event loop."""

    def __init__(self, template: Path, most_pages: int) -> None:
        self._template = template
        self._most_pages = most_pages
        self._compiler: Any = None
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    async def set(self, made_of: bytes, versions: Iterable[bytes], timestamp: int) -> bytes:
        """The first of these versions, each JSON for the template, that fits on the pages there may be; else the last.

        What a sheet is made of decides which are the same; the versions are made when they are needed, in the thread.
        `timestamp` is the date of the document, in seconds of Unix time. Raises `Busy`.
        """
        key = hashlib.blake2b(made_of, digest_size=16).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turn:
                if key not in self._kept:  # whoever was before may have asked for the same
                    self._kept[key] = await asyncio.to_thread(self._set, versions, timestamp)
                sheet = self._kept[key]
        finally:
            self._waiting -= 1
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return sheet

    def _set(self, versions: Iterable[bytes], timestamp: int) -> bytes:
        if self._compiler is None:
            import typst

            self._compiler = typst.Compiler(str(self._template), ignore_system_fonts=True)
        sheet = b""
        for version in versions:
            told = {"brief": version.decode()}
            sheet = self._compiler.compile(format="pdf", sys_inputs=told, pdf_standards=STANDARDS, timestamp=timestamp)
            if orjson.loads(self._compiler.query("<pages>", field="value", one=True)) <= self._most_pages:
                break
        return sheet
