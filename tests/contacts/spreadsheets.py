"""Small spreadsheets made by hand, as sound or as harmful as a test needs them."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
)


def xlsx(*rows: list[str], sheet: str = "", more: dict[str, str] | None = None) -> bytes:
    """A workbook of one sheet with the given cells (or that XML), and more files beside it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _related("officeDocument", "xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="Families" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", _related("worksheet", "worksheets/sheet1.xml")
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet or sheet_of(*rows))
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def sheet_of(*rows: list[str], at: int = 1) -> str:
    """The XML of a sheet whose first row is number `at`."""
    return sheet_with(
        "".join(
            f'<row r="{number}">'
            + "".join(cell(f"{_letters(i)}{number}", text) for i, text in enumerate(row))
            + "</row>"
            for number, row in enumerate(rows, start=at)
        )
    )


def sheet_with(xml: str) -> str:
    """A sheet around the XML of its rows."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{xml}</sheetData></worksheet>'


def cell(place: str, text: str) -> str:
    """The XML of a cell that holds a text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _letters(index: int) -> str:
    first, second = divmod(index, 26)
    return (_letters(first - 1) if first else "") + chr(65 + second)


def _related(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def zip_of(**files: bytes | str) -> bytes:
    """A zip; `__` in a name stands for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def claiming(content: bytes, size: int) -> bytes:
    """A zip in which every entry's headers claim to unpack to `size` bytes."""
    mended = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = 0
        while (start := content.find(mark, start)) >= 0:
            mended[start + place : start + place + 4] = size.to_bytes(4, "little")
            start += 4
    return bytes(mended)


def locked(content: bytes) -> bytes:
    """A zip whose entries say that they are encrypted."""
    mended = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(mark, start)) >= 0:
            mended[start + place] |= 1
            start += 4
    return bytes(mended)


def encrypted() -> bytes:
    """What a spreadsheet program writes under a password: a compound file (MS-CFB) whose
    streams are EncryptionInfo and EncryptedPackage instead of a zip."""
    end, free, fat = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD

    def words(*numbers: int) -> bytes:
        return b"".join(number.to_bytes(4, "little") for number in numbers)

    def entry(name: str, kind: int, left: int, right: int, child: int, at: int, size: int) -> bytes:
        letters = name.encode("utf-16-le")
        return (
            letters.ljust(64, b"\0")
            + (len(letters) + 2 if name else 0).to_bytes(2, "little")
            + bytes([kind, 1])
            + words(left, right, child)
            + bytes(36)
            + words(at, size, 0)
        )

    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
        + bytes(10)
        + words(1, 1, 0, 4096, end, 0, end, 0, 0)
        + words(*[free] * 108)
    )
    # Sector 0 is the table of sectors, 1 the directory, then two streams of 4,096 bytes.
    chains = [fat, end, *range(3, 10), end, *range(11, 18), end]
    table = words(*chains, *[free] * (128 - len(chains)))
    directory = (
        entry("Root Entry", 5, free, free, 1, end, 0)
        + entry("EncryptionInfo", 2, free, 2, free, 2, 4096)
        + entry("EncryptedPackage", 2, free, free, free, 10, 4096)
        + entry("", 0, free, free, free, 0, 0)
    )
    return header + table + directory + b"\x04\0\x04\0\x40\0\0\0".ljust(4096, b"e") + b"x" * 4096
