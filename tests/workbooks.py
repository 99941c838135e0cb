"""Workbooks of which every part is said, as no spreadsheet writes them."""

import io
import zipfile
from collections.abc import Mapping

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(rows: str, shared: str = "", further: Mapping[str, bytes] | None = None, before: str = "") -> bytes:
    """A workbook with one sheet, `sources`, of these rows, `<row>…</row>`; `before` stands before its root.

    `shared` are the texts that cells share, `<si>…</si>`, and `further` are parts of any kind.
    """
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" '
        f'Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" '
        f'Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_DOCUMENT}"><sheets>'
        '<sheet name="sources" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'{before}<worksheet xmlns="{_SPREADSHEET}"><dimension ref="A1"/>'
        f"<sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{_SPREADSHEET}">{shared}</sst>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in (parts | dict(further or {})).items():
            packed.writestr(name, part)
    return file.getvalue()


def cell(place: str, text: str = "x") -> str:
    """A cell with a text, and its place if it says that: B7."""
    said = f' r="{place}"' if place else ""
    return f'<c{said} t="inlineStr"><is><t>{text}</t></is></c>'


#: The header of a sheet.
HEADER = f'<row r="1">{cell("A1", "reference")}{cell("B1", "title")}</row>'


def far_off(place: str) -> bytes:
    """A workbook of some 1,500 bytes with a header and one more cell."""
    return workbook(f"{HEADER}<row>{cell(place)}</row>")
