"""Workbooks that reach too far, or unpack to too much, are refused before anything makes room for them."""

import struct
from pathlib import Path
from typing import Any

import pytest

from registry.errors import BadInput
from registry.exchange import extents
from registry.exchange.delimited import Unreadable
from registry.exchange.formats import Format, opened, tables_in
from tests.workbooks import HEADER, cell, workbook


def read(content: bytes, folder: Path) -> list[list[Any]]:
    """The header and the rows of the sheet of a workbook."""
    file = folder / "sources.xlsx"
    file.write_bytes(content)
    with opened(file, Format.XLSX, "sources") as table:
        rows = [cells for _number, _header, cells in table.rows if cells and not isinstance(cells, BadInput)]
        return [list(table.header or ()), *map(list, rows)]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (f"{HEADER}<row>{cell('XFD1048576')}</row>", "XFD1048576"),
        (f"{HEADER}<row>{cell('xfd2')}</row>", "XFD2"),
        (f"{HEADER}<row>{cell('AA1048576')}</row>", "AA1048576"),
        (f'{HEADER}<row r="1048576">{cell("")}{cell("")}</row>', "B1048576"),
        (f"{HEADER}<row>{cell('BZZ60000')}</row>", "BZZ60000"),
        (f"{HEADER}<row>{cell('A1048576')}</row><row>{cell('ALL2')}</row>", "A1048576 and ALL2"),
        (f"{HEADER}<row>{cell('XFD9').replace('c ', 'x:c ').replace('/c', '/x:c')}</row>", "XFD9"),
        (f'{HEADER}<row><c r="XFD9"><v>1</v></c></row>', "XFD9"),
    ],
)
def test_a_cell_far_off_is_refused_and_named_whatever_the_sheet_says_of_its_size(
    tmp_path: Path, rows: str, named: str
) -> None:
    with pytest.raises(Unreadable, match=f"reaches as far as {named}[.]") as refused:
        read(workbook(rows), tmp_path)

    assert "left over" in str(refused.value.hint)


def test_a_format_far_off_is_no_cell(tmp_path: Path) -> None:
    rows = f'{HEADER}<row r="2">{cell("A2", "a")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'

    assert read(workbook(rows), tmp_path) == [["reference", "title"], ["a", ""]]


def test_cells_without_a_place_are_counted_where_they_are_read(tmp_path: Path) -> None:
    rows = f"<row>{cell('')}{cell('')}</row>{'<row/>' * 3}<row>{cell('C5', 'a')}{cell('', 'b')}</row>"

    assert read(workbook(rows), tmp_path) == [["x", "x", "", ""], ["", "", "a", "b"]]


def test_a_table_may_be_long_or_wide_or_thin(tmp_path: Path) -> None:
    wide = "".join(cell(f"{letter}{second}1") for letter in "ABCDEFGHIJK" for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    assert len(read(workbook(f"<row>{wide}</row>"), tmp_path)[0]) == 286
    assert len(read(workbook(f"{HEADER}<row>{cell('A400000')}</row>"), tmp_path)) == 2


@pytest.mark.parametrize(
    "content",
    [
        workbook(HEADER, before='<!DOCTYPE a [<!ENTITY x "y">]>'),
        workbook(f"{HEADER}<row>{cell('A9').replace('</c>', '</d>')}</row>"),
        workbook(f"{HEADER}<row>{cell('1A')}</row>"),
        workbook(f"{HEADER}<row>{cell('A4294967298')}</row>"),
        workbook(HEADER, further={"xl/workbook.bin": b"x"}),
        workbook(HEADER, further={"xl/strings.xml": b"<sst><si><t>x</t></si></sst>"}, shared="<si><t>x</t></si>"),
        b"\xd0\xcf\x11\xe0" + workbook(HEADER),
        workbook(HEADER)[:-40],
    ],
    ids=["entities", "ends", "place", "row", "binary", "texts", "prefix", "cut"],
)
def test_what_could_be_read_in_two_ways_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="cannot be read as a workbook"):
        read(content, tmp_path)


def test_pictures_beside_a_sheet_are_left_aside(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1_000)

    assert read(workbook(HEADER, further={"xl/media/image1.png": picture}), tmp_path) == [["reference", "title"]]


def test_a_long_text_that_very_many_cells_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extents, "_MOST_UNPACKED", 500_000)
    rows = '<row><c t="s"><v>1</v></c></row>'
    shared = f"<si><t>b</t></si><si><r><t>{'a' * 5_000}</t></r><r><t>{'a' * 5_000}</t></r></si>"

    assert len(read(workbook(rows * 50, shared), tmp_path)) == 50
    with pytest.raises(Unreadable, match="repeat long texts"):
        read(workbook(rows * 51, shared), tmp_path)


def test_what_a_workbook_unpacks_to_is_counted_and_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extents, "_MOST_UNPACKED", 500_000)
    content = bytearray(workbook(HEADER, further={"xl/z.xml": b" " * 600_000}))
    entry = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/z.xml"))
    content[entry + 24 : entry + 28] = struct.pack("<I", 5)  # how long the directory says that the part is
    (tmp_path / "lying.xlsx").write_bytes(content)

    for attempt in (lambda: read(bytes(content), tmp_path), lambda: tables_in(tmp_path / "lying.xlsx", Format.XLSX)):
        with pytest.raises(Unreadable, match="too large"):
            attempt()
