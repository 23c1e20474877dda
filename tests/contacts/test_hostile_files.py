"""Files that mean harm, or were broken on the way: refused or defused, and nothing changed."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contacts.imports import readers, sheets, texts
from contacts.imports.problems import BadFile
from contacts.imports.report import problems_csv
from contacts.models import Contact, ContactImport, Student
from schools.models import School
from tests.contacts import spreadsheets
from tests.contacts.builders import csv_of, family

HEAD = ["student_id", "student_name", "guardian_name", "guardian_phone"]
ANA = ["7", "Ana Lopez", "Maria Lopez", "206-555-0107"]
REAL_XLS = Path(__file__).parents[2] / "completion/data/fafsa/WY_Class_of_2024.xls"
MB = 1024 * 1024


def rows_of(name: str, content: bytes) -> list[list[str]]:
    return [cells for _number, cells in readers.read(name, content).rows]


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(BadFile) as caught:
        rows_of(name, content)
    return str(caught.value)


# Zips --------------------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    return spreadsheets.xlsx(HEAD, ANA, more={"xl/media/image1.png": "0" * size})


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_UNPACKED_BYTES", 3 * MB)
    content = bomb(8 * MB)
    assert len(content) < 20_000
    assert "unpacks to far too much" in refusal("f.xlsx", content)


def test_a_zip_bomb_that_claims_to_be_small_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_UNPACKED_BYTES", 3 * MB)
    assert "unpacks to far too much" in refusal("f.xlsx", spreadsheets.claiming(bomb(8 * MB), 10))


def test_a_claim_of_two_gigabytes_is_not_believed() -> None:
    content = spreadsheets.claiming(spreadsheets.xlsx(HEAD, ANA), 2**31 - 1)
    assert rows_of("f.xlsx", content) == [ANA]


def test_a_zip_in_a_zip_is_not_opened() -> None:
    inner = spreadsheets.zip_of(families__csv="a,b\n1,2\n")
    assert "Unpack it" in refusal("f.zip", spreadsheets.zip_of(inner__zip=inner))


def test_a_path_that_leaves_the_zip_leads_nowhere(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "root:x:0:0")
        archive.writestr("../users.csv", "sourcedId,role\n")
    assert "unsafe name" in refusal("f.zip", out.getvalue())
    with_path = spreadsheets.xlsx(HEAD, ANA, more={"../../etc/passwd": "root:x:0:0"})
    assert rows_of("f.xlsx", with_path) == [ANA]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["f.zip", "f.xlsx", "f.csv"])
@pytest.mark.parametrize(
    "content", [b"PK\x03\x04rubbish", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(500)]
)
def test_a_broken_zip_is_refused(name: str, content: bytes) -> None:
    assert refusal(name, content)


# Spreadsheets ------------------------------------------------------------------------------


def test_two_cells_in_opposite_corners_do_not_fill_the_memory() -> None:
    corner = spreadsheets.cell("XFD1048576", "x")
    first = f'<row r="1">{spreadsheets.cell("A1", "id")}{spreadsheets.cell("B1", "name")}</row>'
    sheet = spreadsheets.sheet_with(f'{first}<row r="1048576">{corner}</row>')
    assert "far too much" in refusal("f.xlsx", spreadsheets.xlsx(sheet=sheet))


def test_entities_that_multiply_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    sheet = spreadsheets.sheet_of(HEAD, ["&l9;"]).replace("&amp;", "&")
    declared = f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">{laughs}]>{sheet}'
    assert "definitions" in refusal("f.xlsx", spreadsheets.xlsx(sheet=declared))


def test_an_entity_that_reads_a_file_reads_nothing() -> None:
    sheet = spreadsheets.sheet_of(HEAD, ["&x;"]).replace("&amp;", "&")
    declared = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>{sheet}'
    assert "definitions" in refusal("f.xlsx", spreadsheets.xlsx(sheet=declared))


def test_links_to_other_workbooks_are_not_followed() -> None:
    """What the cell showed when it was saved is what counts; nothing is fetched."""
    links = {
        "xl/externalLinks/externalLink1.xml": "<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="externalLinkPath" TargetMode="External" '
            'Target="http://127.0.0.1:9/stolen.xlsx"/></Relationships>'
        ),
    }
    linked = '<c r="B2" t="str"><f>[1]Sheet1!A1</f><v>Ana Lopez</v></c>'
    sheet = spreadsheets.sheet_with(
        f'<row r="1">{spreadsheets.cell("A1", "id")}{spreadsheets.cell("B1", "name")}</row>'
        f'<row r="2">{spreadsheets.cell("A2", "7")}{linked}</row>'
    )
    assert rows_of("f.xlsx", spreadsheets.xlsx(sheet=sheet, more=links)) == [["7", "Ana Lopez"]]


@pytest.mark.parametrize(
    "content",
    [spreadsheets.encrypted(), spreadsheets.locked(spreadsheets.xlsx(HEAD, ANA))],
    ids=["a sealed workbook", "a locked zip"],
)
def test_a_spreadsheet_under_a_password_is_refused(content: bytes) -> None:
    assert "password" in refusal("f.xlsx", content)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
def test_half_a_spreadsheet_is_refused(share: float) -> None:
    for content in (REAL_XLS.read_bytes(), spreadsheets.xlsx(HEAD, *[ANA] * 50)):
        assert refusal("f.xls", content[: int(len(content) * share)])


def test_a_workbook_without_rows_is_refused() -> None:
    assert "No sheet" in refusal("f.xlsx", spreadsheets.xlsx())


def test_a_spreadsheet_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_MEMORY_BYTES", 30 * MB)
    assert rows_of("f.xlsx", spreadsheets.xlsx(HEAD, ANA)) == [ANA]
    assert "far too much" in refusal("f.xlsx", spreadsheets.xlsx(HEAD, *[ANA * 10] * 4_000))


def test_a_reader_that_nobody_hears_ends_with_its_table() -> None:
    table = readers.read("f.xlsx", spreadsheets.xlsx(HEAD, *[ANA] * 5_000))
    assert next(table.rows)[1] == ANA
    table.rows.close()  # type: ignore[attr-defined]  # as the garbage collector does


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    sheet = spreadsheets.sheet_of(HEAD, ANA, at=4)
    assert list(readers.read("f.xlsx", spreadsheets.xlsx(sheet=sheet)).rows) == [(5, ANA)]


@pytest.mark.parametrize("content", [csv_of(family(1), family(2)), spreadsheets.xlsx(HEAD, ANA)])
def test_a_file_may_be_closed_before_its_table_is_read_through(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "f").write_bytes(content)
    with (tmp_path / "f").open("rb") as file:
        table = readers.read("f", file)
        again = readers.read("f", file)
    assert table.headers == again.headers
    del table, again


# Text --------------------------------------------------------------------------------------


def test_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    wide = [f"c{number}" for number in range(10_000)]
    assert "10000 columns" in refusal("f.csv", (",".join(wide) + "\n").encode())
    assert "10000 columns" in refusal("f.xlsx", spreadsheets.xlsx(wide))


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1,Ana\0Lopez\n",
        b"\0id,name\n1,Ana\n",
        b"id,name\n" + b"1,Ana\n" * 1000 + b"2,\0\n",
        "id,name\n1,\0\n".encode("utf-16"),
        bytes(5_000),
    ],
)
def test_zero_characters_are_refused_in_words(content: bytes) -> None:
    assert "NUL" in refusal("f.csv", content)


@pytest.mark.parametrize("content", [b"", b"\n" * 5_000, b"\r\n \r\n\t\r\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_nothing_but_line_ends_is_empty(content: bytes) -> None:
    assert "empty" in refusal("f.csv", content)


def test_a_file_of_nothing_but_commas_is_empty() -> None:
    assert "empty" in refusal("f.csv", b",,,\n" * 50)


def test_one_endless_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_ROW", 10_000)
    assert "far too long" in refusal("f.csv", b"x" * 20_000)
    assert "far too long" in refusal("f.csv", b"id,name\n1," + b"a," * 20_000)


def test_a_quotation_mark_that_never_closes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_ROW", 10_000)
    endless = b'id,name\n1,"Ana\n' + b"2,Luis\n" * 5_000
    assert "quotation mark" in refusal("f.csv", endless)


def test_a_cell_longer_than_a_letter_is_refused() -> None:
    long = b'id,name\n1,"' + b"a" * (csv.field_size_limit() + 1) + b'"\n'
    assert "line 2: a cell is far too long" in refusal("f.csv", long)


def test_a_row_that_grows_line_by_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_ROW", 10_000)
    assert "far too long" in refusal("f.csv", b"id,name\n" + b'1,"a\n",' * 5_000)


def test_more_rows_or_bytes_than_a_district_has_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readers, "MAX_ROWS", 100)
    assert "more than 100 rows" in refusal("f.csv", b"id,name\n" + b"1,Ana\n" * 101)
    monkeypatch.setattr(readers, "MAX_BYTES", MB)
    assert "larger than 1 MB" in refusal("f.csv", b"id,name\n" + b"1,Ana\n" * 200_000)


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><body>Your session has ended. <a href='/'>Sign in</a></body></html>",
        b'<?xml version="1.0"?><Workbook/>',
        b"<table>" * 20_000,
    ],
)
def test_a_page_without_a_table_is_refused(content: bytes) -> None:
    assert "No sheet or table" in refusal("export.xls", content)


AS_A_PAGE = """\ufeff<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta charset="utf-8"><style>td {mso-number-format: "\\@"}</style>
<script>"<table><tr><td>1<td>2"</script></head><body>
<table><tr><td colspan=3><h1>Guardians</h1></td></tr></table>
<TABLE border=1><tr><th>student_id<th>student_name</th><th>guardian_name<th>guardian_phone</tr>
<tr><td>0007</td><td>Ana&nbsp;L&oacute;pez</td><td>Mar&#237;a <b>L&oacute;pez</b></td>
<td>206-555-0107<br>206-555-0108</td></tr>
<tr><td>8</td><td colspan="2">Luis</td><td><table><tr><td>a<td>b</table>206-555-0109</td></tr>
</TABLE><table><tr><td>Page</td><td>1</td></tr></table></body></html>"""

AS_XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Families"><Table>
<Row><Cell><Data ss:Type="String">student_id</Data></Cell><Cell><Data>student_name</Data></Cell>
<Cell><Data>guardian_name</Data></Cell><Cell><Data>guardian_phone</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">0007</Data></Cell><Cell><Data>Ana L\u00f3pez</Data></Cell>
<Cell ss:Index="4"><Data>206-555-0107</Data></Cell></Row></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["export.xls", "export.html", "export.csv"])
def test_a_web_page_that_calls_itself_a_spreadsheet_is_read(name: str) -> None:
    """So many student systems export "to Excel"."""
    table = readers.read(name, AS_A_PAGE.encode())
    assert table.headers == HEAD
    assert [cells for _number, cells in table.rows] == [
        ["0007", "Ana López", "María López", "206-555-0107; 206-555-0108"],
        ["8", "Luis", "", "206-555-0109"],
    ]


def test_a_spreadsheet_as_the_xml_of_2003_is_read() -> None:
    assert rows_of("export.xls", AS_XML.encode()) == [["0007", "Ana López", "", "206-555-0107"]]
    assert rows_of("export.xml", AS_XML.encode("cp1252"))[0][1] == "Ana López"


@pytest.mark.parametrize("endless", [b"<table", b"<!--", b"<td a='", b"<![CDATA[", b"<script>"])
def test_a_page_without_end_is_refused(endless: bytes) -> None:
    assert refusal("export.xls", b"<html>" + endless * 400_000)


def test_a_table_as_wide_as_it_claims_is_refused() -> None:
    wide = "<table><tr>" + "<td colspan=999999>x</td>" * 50 + "</tr></table>"
    assert "columns" in refusal("export.xls", wide.encode())


def test_a_large_table_is_read_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "families.csv"
    file.write_text("id,name\n" + f"7,{'Íñigo Peña ' * 16}\n" * 60_000, "utf-8")
    tracemalloc.start()
    with file.open("rb") as opened:
        count = sum(1 for _row in readers.read(file.name, opened).rows)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert file.stat().st_size > 10 * MB > 5 * MB > peak


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_machine(end: str) -> None:
    content = end.join(["id,name", '1,"Ana', 'Lopez"', "2,Luis"]).encode()
    assert rows_of("f.csv", content) == [["1", "Ana Lopez"], ["2", "Luis"]]


def test_line_ends_quotes_and_delimiters_in_cells_stay_in_their_cells(tmp_path: Path) -> None:
    file = tmp_path / "families.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "na\nme", "phones"])
        writer.writerow(["1", 'Ana "Anita"\r\nLopez, Ruiz', "206-555-0101\n206-555-0102"])
        writer.writerow(["2", "Luis", "206-555-0103\nafter six"])
    with file.open("rb") as opened:
        table = readers.read(file.name, opened)
        assert table.headers == ["id", "na me", "phones"]
        assert [cells for _number, cells in table.rows] == [
            ["1", 'Ana "Anita" Lopez, Ruiz', "206-555-0101; 206-555-0102"],
            ["2", "Luis", "206-555-0103 after six"],
        ]
        assert not opened.closed


@pytest.mark.parametrize("hint", ["sep=;\n", '"sep=;"\r\n', "\ufeffSEP=;\r\n"])
def test_the_hint_of_a_spreadsheet_program_is_taken(hint: str) -> None:
    content = (hint + "id;name\n1;a,b,c\n").encode()
    assert rows_of("f.csv", content) == [["1", "a,b,c"]]


def test_the_delimiter_is_the_one_that_makes_a_table() -> None:
    assert rows_of("f.csv", b'id;name\n1;"Lopez, Ana, Maria, Luz"\n2;Luis\n')[1] == ["2", "Luis"]
    assert rows_of("f.csv", b"Families, 2026, all schools\nid|name\n1|Ana\n2|Luis\n") == [
        ["1", "Ana"],
        ["2", "Luis"],
    ]


# What a person sees of it --------------------------------------------------------------------


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1/")']


def test_a_formula_is_kept_as_the_text_it_is_and_defused_when_written(
    school: School, tmp_path: Path
) -> None:
    file, report = tmp_path / "families.csv", tmp_path / "report.csv"
    named = [
        family(n, guardian_first_name=text, guardian_phone=text) for n, text in enumerate(FORMULAS)
    ]
    file.write_bytes(csv_of(*named))
    call_command(
        "import_contacts", str(file), school=school.nces_id, report=report, stdout=StringIO()
    )
    assert {c.first_name for c in Contact.objects.all()} == set(FORMULAS)
    with report.open(encoding="utf-8-sig", newline="") as opened:
        values = [row[2] for row in csv.reader(opened)][1:]
    assert {"'=1+1", "'+1", "'-1", "'@SUM(A1)"} <= set(values)
    assert not any(value.startswith(("=", "+", "-", "@")) for value in values)


def test_a_header_that_is_a_formula_is_defused_in_the_report() -> None:
    problem = {"row": 2, "column": "=cmd()", "value": " \t=1", "message": "@x"}
    [_head, row] = csv.reader(StringIO(problems_csv([problem]).lstrip("\ufeff")))
    assert row == ["2", "'=cmd()", "' \t=1", "'@x"]


HOSTILE = {
    "corners.xlsx": spreadsheets.xlsx(
        sheet=spreadsheets.sheet_with(
            f'<row r="1">{spreadsheets.cell("A1", "student_id")}</row>'
            f'<row r="1048576">{spreadsheets.cell("XFD1048576", "x")}</row>'
        )
    ),
    "locked.xlsx": spreadsheets.encrypted(),
    "half.xls": REAL_XLS.read_bytes()[:100_000],
    "path.zip": spreadsheets.zip_of(**{"../users__csv": "sourcedId,role\n"}),
    "nul.csv": csv_of(family(1, student_id="7\0")),
    "wide.csv": ",".join(f"c{n}" for n in range(10_000)).encode(),
    "late.csv": csv_of(*[family(n) for n in range(50)]) + b'99,"' + b"a\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_command_ends_in_words_and_nothing_changed(
    school: School, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was changed") as caught:
        call_command(
            "import_contacts", str(tmp_path / name), school=school.nces_id, json=True, stdout=out
        )
    assert caught.value.returncode == 1
    assert json.loads(out.getvalue())["error"] in str(caught.value)
    assert not Student.objects.exists() and not ContactImport.objects.exists()
