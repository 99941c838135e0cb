"""Statistics, sources, the log and comparison: page, file and API say the same, and each page says what it is for."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from python_calamine import CalamineWorkbook

from registry import agreements, placements
from registry.access import Actor, Role
from registry.codes import ValueOperator
from registry.database import open_engine
from registry.history import changeset
from registry.language import code_name, label, words
from registry.placements import Counted, Sex
from registry.settings import Settings
from registry.status import Bindingness
from registry.web.pages.walk import LANGUAGES
from tests.factories import make_company, make_source
from tests.servers import serving
from tests.web.test_pages import Elements, links

FORMULA = '=HYPERLINK("http://example.org","GmbH")'
TREATY = "uz-de-migration-mobility-2024"


@pytest.fixture(scope="module")
def running(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The seeds, with returns of a company whose name a spreadsheet would run, a quota that is used, and a revision."""
    engine = open_engine(f"sqlite:///{shutil.copyfile(seeded_file, tmp_path_factory.mktemp('desk') / 'registry.db')}")
    with changeset(engine, "Returns of the agency.") as changes:
        make_source(changes, "the-returns", title="The agency\u2019s returns", publisher="Agency of Labour Migration")
        make_company(changes, "formula", name=FORMULA, country="DE")
        counted = [
            Counted("2023", "DE", 40, company="formula", sector="F", sex=Sex.MALE),
            Counted("2023", "DE", 2, company="formula", sector="F", sex=Sex.FEMALE),
            Counted("2024-05", "DE", 1250, company="formula", sector="F", sex=Sex.MALE),
            Counted("2024", "JP", 7),
        ]
        placements.report(changes, source="the-returns", placements=counted)
    with changeset(engine, "The text was read.", Actor("Dilnoza", Role.EDITOR)) as changes:
        agreements.revise(
            changes,
            reference=TREATY,
            expected_version=3,
            bindingness=Bindingness.BINDING,
            bindingness_reason="Treaty department",
        )
    with serving(Settings(database_url=engine.url.render_as_string())) as address:
        yield address
    engine.dispose()


def text_of(page: str) -> str:
    return " ".join(Elements(page).text.split())


def answer(reader: httpx2.Client, address: str) -> Any:
    return reader.get(address, headers={"Accept": "application/json"}).json()["data"]


def rows_of(page: str) -> list[list[str]]:
    """The cells of the rows of a page's table, as they read."""
    table = re.findall(r'<table class="figures.*?</table>', page, re.DOTALL)[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def csv_of(reader: httpx2.Client, address: str) -> list[list[str]]:
    sent = reader.get(address.replace("?", ".csv?", 1))
    assert sent.headers["content-type"] == "text/csv; charset=utf-8"
    assert sent.content.startswith(b"\xef\xbb\xbf"), "Excel would not read it as UTF-8"
    return list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))


def xlsx_of(reader: httpx2.Client, address: str) -> CalamineWorkbook:
    sent = reader.get(address.replace("?", ".xlsx?", 1))
    assert "spreadsheetml" in sent.headers["content-type"]
    assert re.fullmatch(r'attachment; filename="\w+-\d{4}-\d\d-\d\d\.xlsx"', sent.headers["content-disposition"])
    return CalamineWorkbook.from_filelike(io.BytesIO(sent.content))


# ── Statistics ──────────────────────────────────────────────────────────────────────────────────────────────────────

PICKED = [
    "measure=DEPARTED&by=YEAR",
    "measure=DEPARTED&by=COUNTRY&by=SEX",
    "measure=DEPARTED&by=COMPANY&sort=people&country=DE",
    "measure=DEPARTED&by=MONTH&from=2023&until=2024",
    "measure=DEPARTED&by=SECTOR&sector=F&lang=ru",
    "measure=EMPLOYED&by=COUNTRY&by=CHANNEL&lang=uz-Cyrl",
]


@pytest.mark.parametrize("picked", PICKED)
def test_page_csv_workbook_and_api_have_the_same_rows(reader: httpx2.Client, picked: str) -> None:
    address = f"/statistics?{picked}"
    table = answer(reader, address)["at"]["table"]
    shown = rows_of(reader.get(address).text)
    written = csv_of(reader, address)
    sheet = xlsx_of(reader, address).get_sheet_by_index(0).to_python()
    tag = parse_qs(picked).get("lang", ["en"])[0]
    by = len(parse_qs(picked)["by"])

    people, shares = ([row[name] for row in table["rows"]] for name in ("people", "share"))
    lines = written[1 : len(people) + 1]
    assert people
    assert [line[by] for line in sheet[1 : len(people) + 1]] == [int(line[by]) for line in lines]
    if "COUNTRY" in picked:  # which readers have in the order of their alphabet
        lines = sorted(lines, key=lambda line: (int(line[by]), float(line[by + 1])))
        people, shares = sorted(people), sorted(shares)
    assert [int(line[by]) for line in lines] == people
    told = [cell for row in shown for cell in row]
    for number in people:
        assert " ".join(words("number", number, LANGUAGES[tag][0]).split()) in told
    assert ", ".join(written[0][:by]).lower() == shown[0][0].lower()
    assert written[0][by:] == shown[0][1:]
    assert [float(line[by + 1]) for line in lines] == pytest.approx(shares, abs=0.0001)


def test_a_table_ends_with_what_it_adds_up_to_and_what_it_leaves_out(reader: httpx2.Client) -> None:
    by_month = "/statistics?measure=DEPARTED&by=MONTH"
    table = answer(reader, by_month)["at"]["table"]

    assert (table["total"], table["unallocated"]) == (1299, 49)
    assert [row[:2] for row in rows_of(reader.get(by_month).text)[1:]] == [
        ["May 2024", "1,250"],
        ["In returns too long for these periods", "49"],
        ["Together", "1,299"],
    ]
    assert [line[:2] for line in csv_of(reader, by_month)[1:]] == [
        ["May 2024", "1250"],
        ["In returns too long for these periods", "49"],
        ["Together", "1299"],
    ]


def test_groups_of_two_dimensions_have_their_own_sums(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=DEPARTED&by=COUNTRY&by=YEAR").text

    assert [row for row in rows_of(page) if row[0] == "Together"] == [
        ["Together", "1,292", ""],
        ["Together", "1,299", ""],
    ]
    assert page.count('<rect class="s') == 3 + 2, "two bars, one of two parts, and a legend of two"


def test_a_file_of_a_table_runs_nothing(reader: httpx2.Client) -> None:
    address = "/statistics?measure=DEPARTED&by=COMPANY"
    (line,) = [line for line in csv_of(reader, address) if "HYPERLINK" in line[0]]
    sent = reader.get("/statistics.xlsx?measure=DEPARTED&by=COMPANY").content
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(sent))

    assert line[0] == f"'{FORMULA}"
    assert FORMULA in [row[0] for row in workbook.get_sheet_by_index(0).to_python()]
    assert workbook.get_sheet_by_index(0).to_python() == xlsx_of(reader, address).get_sheet_by_index(0).to_python()
    assert FORMULA in text_of(reader.get(address).text)


def test_a_workbook_tells_who_says_so_and_as_of_when(reader: httpx2.Client) -> None:
    workbook = xlsx_of(reader, "/statistics?measure=DEPARTED&by=YEAR&as_of=2025-03-01")
    told = [line[:2] for line in workbook.get_sheet_by_index(1).to_python()]

    assert workbook.sheet_names == ["Departed", "Sources"]
    assert ["Departed", "/statistics?measure=DEPARTED&by=YEAR&as_of=2025-03-01&lang=en"] in told
    assert ["As of", "1 March 2025"] in told
    assert ["Source", "The agency\u2019s returns (the-returns)"] in told


def test_shares_in_a_workbook_are_numbers_also_where_they_end_in_noughts(reader: httpx2.Client) -> None:
    sheet = xlsx_of(reader, "/statistics?measure=DEPARTED&by=MONTH&country=JP").get_sheet_by_index(0).to_python()
    whole = xlsx_of(reader, "/statistics?measure=DEPARTED&by=COUNTRY&country=JP").get_sheet_by_index(0).to_python()

    assert sheet[1][-1] == "", "nothing that a share could be of"
    assert whole[1] == ["Japan", 7, 1]


def test_without_a_measure_all_that_were_counted_stand_side_by_side(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?lang=en").text
    written = csv_of(reader, "/statistics?lang=en")

    assert re.findall(r'<h2 id="of-(\w+)"', page) == ["DEPARTED", "EMPLOYED"]
    assert ["Departed", "2024", "1257"] in written
    assert ["Departed", 2024, 1257] in xlsx_of(reader, "/statistics?lang=en").get_sheet_by_index(0).to_python()
    assert ["Departed", "Together", "1299"] in written
    assert "/statistics?measure=REGISTERED&lang=en" in links(page)


@pytest.mark.parametrize(
    "query", ["measure=HAPPY", "measure=DEPARTED&by=MOON", "measure=DEPARTED&from=x", "by=YEAR&by=SEX&by=MONTH"]
)
def test_a_question_that_makes_no_sense_is_refused_for_page_and_file(reader: httpx2.Client, query: str) -> None:
    assert [reader.get(f"/statistics{end}?{query}").status_code for end in ("", ".csv", ".xlsx")] == [400, 400, 400]


def test_use_of_quotas_is_told_or_refused_with_the_reason_on_page_and_in_file(reader: httpx2.Client) -> None:
    address = "/statistics/quotas?country=KR"
    nodes = answer(reader, address)["at"]["quotas"]["nodes"]
    written = csv_of(reader, address)[1:]
    text = text_of(reader.get(address).text)

    assert [(line[1], int(line[7])) for line in written] == [("South Korea", quota["places"]) for quota in nodes]
    for line, quota in zip(written, nodes, strict=True):
        assert line[12] == (quota["utilisation"]["reason"] or "")
        assert line[12] in text


def test_how_places_are_to_be_read_is_in_the_files_of_quotas_too(reader: httpx2.Client) -> None:
    address = "/statistics/quotas?country=IT&lang=en"
    quotas = answer(reader, address)["at"]["quotas"]["nodes"]
    written, sheet = csv_of(reader, address), xlsx_of(reader, address).get_sheet_by_index(0).to_python()

    assert {quota["operator"] for quota in quotas} == {"AT_MOST"}
    assert "≤ 500 entries" in [row[3] for row in rows_of(reader.get(address).text)]
    assert written[0][6:8] == sheet[0][6:8] == ["Operator", "Places"]
    assert ["at most", "500"] in [line[6:8] for line in written]
    assert ["at most", 500] in [line[6:8] for line in sheet]


@pytest.mark.parametrize("tag", ["ru", "uz", "uz-Cyrl"])
def test_how_places_are_to_be_read_is_told_in_the_language_of_the_file(reader: httpx2.Client, tag: str) -> None:
    head, first = csv_of(reader, f"/statistics/quotas?country=IT&lang={tag}")[:2]
    spoken = LANGUAGES[tag][0]

    assert (head[6].lower(), first[6]) == (code_name("Field", "operator", spoken), label(ValueOperator.AT_MOST, spoken))
    assert first[7].isdecimal()


# ── Sources ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["agencys returns", "AGENCY\u2019S", "the-returns"])
def test_a_source_is_found_by_words_and_by_what_it_is(reader: httpx2.Client, words: str) -> None:
    found = answer(reader, f"/sources?text={words}")["at"]["sources"]["nodes"]
    press = answer(reader, "/sources?kind=PRESS&reliability=SECONDARY")["at"]["sources"]["nodes"]

    assert [source["reference"] for source in found] == ["the-returns"]
    assert {(source["kind"], source["reliability"]) for source in press} == {("PRESS", "SECONDARY")}


def test_a_source_shows_all_that_rests_on_it_with_its_words(reader: httpx2.Client) -> None:
    reference = "embassy-statement-turkiye"
    source = answer(reader, f"/sources/{reference}")["at"]["source"]
    page = reader.get(f"/sources/{reference}").text
    text = text_of(page)

    edges = source["facts"]["edges"]
    assert len(edges) == source["facts"]["totalCount"] > 5
    assert page.count("<blockquote") == sum(edge["citation"]["quote"] is not None for edge in edges) > 0
    assert all(edge["citation"]["quote"] in text for edge in edges if edge["citation"]["quote"])
    assert "A copy is held." in text
    assert "No copy is held" in text_of(reader.get("/sources/the-returns").text)


def test_a_source_shows_the_returns_that_were_taken_from_it(reader: httpx2.Client) -> None:
    page = reader.get("/sources/the-returns?lang=en").text

    assert "Placement returns taken from it" in page
    assert rows_of(page)[1:] == [["2023", "42", ""], ["2024", "1,257", ""], ["Together", "1,299", ""]]


def test_a_mark_of_a_source_leads_to_its_page(reader: httpx2.Client) -> None:
    assert "/sources/bmi-2024-09-15?lang=en" in links(reader.get(f"/agreements/{TREATY}?lang=en").text)


# ── The log ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_log_tells_each_field_before_and_after_newest_first(reader: httpx2.Client) -> None:
    page = reader.get("/changes?type=Agreement&country=DE&lang=en").text
    log = answer(reader, "/changes?type=Agreement&country=DE")

    assert log["changes"]["nodes"][-1]["reason"] == "The text was read."
    assert page.index("The text was read.") < page.index("The seeds were loaded.")
    rows = re.findall(r'<table class="revised">.*?</table>', page, re.DOTALL)
    assert [text_of(cell) for cell in re.findall(r"<td>.*?</td>", rows[0], re.DOTALL)][:2] == [
        "not assessed",
        "binding",
    ]
    assert log["about"]["digest"] in page


def test_one_walks_the_whole_log_by_its_cursor_and_misses_nothing(reader: httpx2.Client) -> None:
    seen: list[int] = []
    address = "/changes?type=Company&type=Figure&type=Engagement&type=Source&type=Quota"
    for _ in range(20):
        log = answer(reader, address)["changes"]
        seen = [change["sequence"] for change in log["nodes"]] + seen
        if not log["pageInfo"]["hasPreviousPage"]:
            break
        (following,) = re.findall(r'href="([^"]+)" rel="next"', reader.get(address).text)
        address = following.replace("&amp;", "&")

    assert len(seen) == log["totalCount"] > 100
    assert seen == sorted(set(seen))


def test_a_record_has_its_history_and_the_way_to_all_of_it(reader: httpx2.Client) -> None:
    page = reader.get(f"/agreements/{TREATY}?lang=en").text
    (way,) = [link for link in links(page) if link.startswith("/changes?record=")]
    history = answer(reader, way.replace("&amp;", "&"))

    assert "The text was read." in text_of(page)
    assert history["record"]["reference"] == TREATY
    assert {change["subjectType"] for change in history["changes"]["nodes"]} == {"Agreement", "LegalAct"}
    for address in ("/", "/countries/DE"):
        assert "The text was read." in text_of(reader.get(address).text)
    assert "The text was read." not in text_of(reader.get("/countries/JP").text)


def test_the_log_is_narrowed_to_days(reader: httpx2.Client) -> None:
    assert answer(reader, "/changes?until=2020-01-01")["changes"]["totalCount"] == 0
    assert answer(reader, "/changes?since=2020-01-01&until=2999-01-01")["changes"]["totalCount"] > 600
    assert "No change fits." in reader.get("/changes?since=2999-01-01&lang=en").text


# ── Comparing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_countries_stand_side_by_side(reader: httpx2.Client) -> None:
    page = reader.get("/compare?a=de&b=JP&lang=en").text

    assert "Compare: Germany, Japan" in text_of(page)
    assert [[row[0], row[1], row[3]] for row in rows_of(page)[1:]] == [
        ["2023", "42", "\u2013"],
        ["2024", "1,250", "7"],
        ["Together", "1,292", "7"],
    ]
    assert reader.get("/compare?a=XX&b=DE").status_code == 404


def test_what_differs_between_two_days_is_marked(reader: httpx2.Client) -> None:
    address = f"/compare?agreement={TREATY}&first=2024-01-01&second=2024-12-31&lang=en"
    page = reader.get(address).text
    both = answer(reader, address)

    assert (both["before"]["agreement"]["status"], both["after"]["agreement"]["status"]) == ("NONE", "SIGNED")
    assert re.findall(r'<tr class="differs"><th scope="row">(\w+)', page)[:2] == ["Status", "Since"]
    assert "Acts between the two days 1" in text_of(page)
    same = reader.get(f"/compare?agreement={TREATY}&first=2024-10-01&second=2024-12-31&lang=en").text
    assert 'class="differs"' not in same
    assert "No agreement fits." in reader.get("/compare?agreement=nothing&lang=en").text


def test_a_status_that_may_have_begun_earlier_is_not_told_as_new_by_a_comparison(reader: httpx2.Client) -> None:
    address = "/compare?agreement=uz-tr-migrant-rights&first=2010-01-01&second=2026-11-01&lang=en"
    told = "since 29 January 2026 at the latest"

    assert told in text_of(reader.get("/agreements/uz-tr-migrant-rights?as_of=2026-11-01&lang=en").text)
    assert told.capitalize().replace("january", "January") in text_of(reader.get(address).text)
    certain = reader.get(f"/compare?agreement={TREATY}&first=2024-01-01&second=2024-12-31&lang=en").text
    assert "Since 15 September 2024" in text_of(certain)
    assert "at the latest" not in text_of(certain)


# ── Other days ──────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESSES = ["/", "/statistics?measure=DEPARTED", "/statistics/quotas", "/sources", "/sources/bmi-2024-09-15"]
ADDRESSES += [
    "/changes",
    "/compare?a=DE&b=JP",
    f"/compare?agreement={TREATY}",
    f"/agreements/{TREATY}",
    "/countries/DE",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_day_before_anything_was_known_is_answered_with_where_knowledge_begins(
    reader: httpx2.Client, address: str
) -> None:
    sign = "&" if "?" in address else "?"
    page = reader.get(f"{address}{sign}known_on=2001-02-03&lang=en")
    elements = Elements(page.text)

    assert page.status_code == 400
    assert "Nothing was known yet on this day" in elements.text
    days = [field.get("value") for field in elements.named("input") if field.get("id") == "known_on"]
    assert days == ["2001-02-03"]
    (way,) = [link for link in links(page.text) if "known_on=" in link and "2001" not in link]
    assert reader.get(way.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_of_all_have_pages_too(reader: httpx2.Client, address: str, day: str) -> None:
    sign = "&" if "?" in address else "?"

    assert reader.get(f"{address}{sign}as_of={day}").status_code == 200
    assert reader.get(f"{address}{sign}known_on={day}").status_code == (400 if day < "2000" else 200)


def test_the_log_tells_nothing_that_was_not_known_on_the_day(reader: httpx2.Client) -> None:
    today = answer(reader, "/")["at"]["date"]

    assert "As of 1" not in text_of(reader.get("/changes?lang=en").text)
    log = answer(reader, f"/changes?known_on={today}")["changes"]
    assert log["totalCount"] == answer(reader, "/changes")["changes"]["totalCount"]
    assert links(reader.get(f"/changes?known_on={today}").text)
