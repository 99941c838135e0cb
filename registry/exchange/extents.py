"""How far the sheets of a workbook reach, measured before they are read.

What reads workbooks makes a whole rectangle of a sheet, from its first cell to its last, and a text of its own for each
cell that repeats a shared one. A small file can so ask for more memory than there is: one cell in the last corner of a
sheet is enough. Therefore all parts are first gone through as they stream out of the file, whatever they say of their
sizes: neither the directory of the file nor `<dimension>` is believed.
"""

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import copy
from functools import lru_cache
from typing import BinaryIO
from xml.parsers import expat

from registry.exchange.delimited import Unreadable

#: A workbook may not unpack to more, nor repeat so many letters: it is read as a whole.
_MOST_UNPACKED = 1024**3

#: Tables have some tens of columns; a cell in one further on is a slip.
_MOST_COLUMNS = 1_000

#: So large a rectangle is read in any case; a larger one where at least one in so many of its cells is filled, and no
#: one beyond the last bound.
_SMALL, _THINNEST, _LARGEST = 1_000_000, 20, 25_000_000

#: Parts with these words hold cells or shared texts, and must be XML that can be gone through.
_TELLING = re.compile(b"sheetData|sst")

#: Parts of workbooks of other forms, in which cells could hide: with one of them a file is no .xlsx.
_OTHER_FORMS = {"xl/workbook.bin", "content.xml"}

_UNPACKED_IN_VAIN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, RuntimeError, ValueError),
)

_CELL = re.compile("([A-Za-z]{1,7})([0-9]{1,7})")
_CHUNK = 1 << 18

#: The last row that spreadsheets have.
_FARTHEST = 1_048_576


def no_workbook() -> Unreadable:
    """Why a file that is no workbook is not read."""
    return Unreadable("The file cannot be read as a workbook.", hint="Save it as .xlsx, or give CSV.")


def check_unpacked(file: BinaryIO) -> None:
    """Raises `Unreadable` where a file is no workbook in the form of .xlsx, or unpacks to too much."""
    _go_through(file, lambda name: None)


def check_extents(file: BinaryIO) -> None:
    """The same, also where a sheet of it reaches too far to be read, or repeats too much."""
    texts = _Texts()
    _go_through(file, lambda name: _Part(name, texts))


def _go_through(file: BinaryIO, reader: Callable[[str], "_Part | None"]) -> None:
    file.seek(0)
    if file.read(2) != b"PK":  # what comes before the packed parts could be a workbook of another form
        raise no_workbook()
    try:
        with zipfile.ZipFile(file) as packed:
            parts = sorted(packed.infolist(), key=lambda part: "sharedstrings" not in part.filename.lower())
            if any(part.filename.replace("\\", "/").lower() in _OTHER_FORMS for part in parts):
                raise no_workbook()
            left = _MOST_UNPACKED
            for part in parts:
                left = _unpack(packed, part, reader(part.filename), left)
    except _UNPACKED_IN_VAIN:
        raise no_workbook() from None


def _unpack(packed: zipfile.ZipFile, part: zipfile.ZipInfo, reader: "_Part | None", left: int) -> int:
    """Goes through a part; says how much of what may be unpacked is left."""
    whole = copy(part)
    whole.file_size = 1 << 62  # however small it says it is
    with packed.open(whole) as stream:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise Unreadable("The workbook is too large.", hint="Part it, or give CSV.")
            if reader:
                reader.feed(chunk)
    if reader:
        reader.end()
    return left


class _Texts:
    """The lengths of the texts that cells share, and how many letters they come to in all of them."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.part: str | None = None
        self.told = False
        self.repeated = 0

    def belong_to(self, part: str) -> None:
        """Notes where the shared texts are; raises `Unreadable` where they are in two places, or come too late."""
        if self.part not in (None, part) or self.told:
            raise no_workbook()
        self.part = part

    def repeat(self, number: str) -> None:
        """Counts the text of this number once more; raises `Unreadable` where cells repeat too much."""
        self.told = True
        place = int(number) if number.isdecimal() and len(number) < 10 else -1
        self.repeated += self.lengths[place] if 0 <= place < len(self.lengths) else 0
        if self.repeated > _MOST_UNPACKED:
            raise Unreadable("The workbook is too large: its cells repeat long texts.", hint="Part it, or give CSV.")


class _Part:
    """A part of a workbook, gone through as XML: where its filled cells stand, and which texts they share.

    Cells that do not say where they stand do so side by side, as they are read later.
    """

    def __init__(self, name: str, texts: _Texts) -> None:
        self.name, self.texts = name, texts
        parser = expat.ParserCreate("utf-8")  # whatever the part says
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser: expat.XMLParserType | None = parser
        self.telling, self.read = False, b""
        self.row = self.column = 0  # of the next cell that does not say where it stands, from 0
        self.at = (0, 0)
        self.shares = False
        self.letters: list[str] = []
        self.extent = _Extent()

    def feed(self, chunk: bytes) -> None:
        """Goes on; raises `Unreadable` where the part holds cells or shared texts and is no plain XML."""
        self._parse(chunk, False)
        self.read = self.read[-16:] + chunk
        self.telling = self.telling or _TELLING.search(self.read) is not None
        self._check_form()

    def end(self) -> None:
        """Tells that there is no more."""
        self._parse(b"", True)
        self._check_form()
        self.extent.check()

    def _parse(self, chunk: bytes, last: bool) -> None:
        if self.parser:
            try:
                self.parser.Parse(chunk, last)
            except expat.ExpatError:
                self.parser = None

    def _check_form(self) -> None:
        if self.telling and self.parser is None:
            raise no_workbook()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name == "c":
            place = attributes.get("r")
            self.at = _place(place) if place is not None else (self.row, self.column)
            self.column = self.at[1] + 1
            self.shares = attributes.get("t") == "s"
        elif name in ("v", "is"):
            self.extent.take(*self.at)
            if self.shares:
                self._listen()
        elif name == "row" and "r" in attributes:
            self.row = _number(attributes["r"]) - 1
        elif name == "si":
            self.texts.belong_to(self.name)
            self._listen()

    def _listen(self) -> None:
        """Takes in the letters of an element."""
        self.letters = []
        if self.parser:
            self.parser.CharacterDataHandler = self.letters.append

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name == "row":
            self.row, self.column = self.row + 1, 0
        elif name == "v" and self.shares:
            self._hush()
            self.texts.repeat("".join(self.letters))
        elif name == "si":
            self._hush()
            self.texts.lengths.append(sum(map(len, self.letters)))

    def _hush(self) -> None:
        if self.parser:
            self.parser.CharacterDataHandler = None


class _Extent:
    """The rectangle that filled cells span, and how many they are."""

    def __init__(self) -> None:
        self.filled = 0
        self.top = self.left = _FARTHEST
        self.lowest = self.rightmost = (0, 0)

    def take(self, row: int, column: int) -> None:
        """Counts a filled cell; raises `Unreadable` where it stands too far to the right."""
        if column >= _MOST_COLUMNS:
            raise _too_far(_called(row, column), f"A table may have {_MOST_COLUMNS:,} columns.")
        self.filled += 1
        if row < self.top:
            self.top = row
        if column < self.left:
            self.left = column
        if row >= self.lowest[0]:
            self.lowest = row, column
        if column >= self.rightmost[1]:
            self.rightmost = row, column

    def check(self) -> None:
        """Raises `Unreadable` where the rectangle is too large for what is in it."""
        if not self.filled:
            return
        cells = (self.lowest[0] - self.top + 1) * (self.rightmost[1] - self.left + 1)
        if cells > _LARGEST or (cells > _SMALL and cells > self.filled * _THINNEST):
            last = " and ".join(dict.fromkeys(_called(*cell) for cell in (self.lowest, self.rightmost)))
            raise _too_far(last, f"Read as a table it would have {cells:,} cells, of which {self.filled:,} are filled.")


def _too_far(cell: str, why: str) -> Unreadable:
    hint = (
        "Delete the rows and columns that lie behind the table, where something may have been left over; or give CSV."
    )
    return Unreadable(f"A sheet of the workbook reaches as far as {cell}. {why}", hint=hint)


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a cell such as B7, from 0; raises `Unreadable` where it is none."""
    found = _CELL.fullmatch(reference)
    if found is None:
        raise no_workbook()
    return _number(found[2]) - 1, _column(found[1])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """The place of a column of these letters, from 0."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def _number(text: str) -> int:
    """The number of a row, from 1; raises `Unreadable` where it is none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if not 0 < number <= _FARTHEST:
        raise no_workbook()
    return number


def _called(row: int, column: int) -> str:
    """A cell as spreadsheets call it."""
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _refuse_doctype(*_told: object) -> None:
    """No spreadsheet writes entities, and those who do mean no good."""
    raise no_workbook()
