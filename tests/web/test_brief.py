"""The brief of a country: one or two tagged sheets that say what the registry says, the same bytes each time."""

import asyncio
import html
import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from registry.codes import Language
from registry.settings import Settings
from registry.transliteration import TURNED_COMMA, TUTUQ
from registry.web.pages import labour
from registry.web.pages.documents import document
from registry.web.pages.home import IN_FORCE
from registry.web.pages.walk import LANGUAGES
from registry.web.paper import brief
from registry.web.paper.contents import ROOMS, Room, contents
from registry.web.paper.letters import MISSING, SHOWN, plain
from registry.web.paper.typesetting import Busy, Press
from registry.web.tongue import Tongue
from tests.conftest import Client
from tests.servers import served, serving

TEMPLATE = brief.HERE / "brief.typ"

#: The moment of knowledge as a brief tells it.
KNOWN = "2026-11-21 16:30 UTC+05:00"


def got(address: str, **headers: Any) -> httpx2.Response:
    """The answer at an address, however long a busy machine takes."""
    return httpx2.get(address, **headers, timeout=60)


def sheets(pdf: bytes) -> int:
    return int(re.findall(rb"/Type/Pages/Count (\d+)", pdf)[0])


def asked(client: Client, code: str, language: Language = Language.EN) -> dict[str, Any]:
    """The answer that a brief is made of."""
    days = {"asOf": "2026-11-21", "today": "2026-11-21", "inAYear": "2027-11-20"}
    query = document("brief", brief.HERE)
    chosen = {"inForce": IN_FORCE, **labour.asked()}
    answer = client(query, code=code, language=language.value, **chosen, **days)
    assert "errors" not in answer
    data: dict[str, Any] = orjson.loads(orjson.dumps(answer["data"], default=str))
    return data


def pressed(data: dict[str, Any], language: Language = Language.EN) -> bytes:
    """The sheets for an answer."""
    tag = next(tag for tag, (each, _) in LANGUAGES.items() if each is language)
    versions = [orjson.dumps({**contents(data, Tongue(language), room, KNOWN), "language": tag}) for room in ROOMS]
    known_at = int(datetime.fromisoformat(data["at"]["knownAt"]).timestamp())
    return asyncio.run(Press(TEMPLATE, brief.MOST_PAGES).set(orjson.dumps(data), versions, known_at))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_brief_is_tagged_titled_and_in_its_language(server: str, tag: str) -> None:
    answer = got(f"{server}/countries/de/brief.pdf?lang={tag}&as_of=2026-11-21")
    pdf = answer.content

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-language"] == tag
    assert f"brief-DE-2026-11-21-{tag}.pdf" in answer.headers["content-disposition"]
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/MarkInfo<</Marked true" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert f"/Lang({tag.split('-')[0]}".encode() in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert {b"/S/H1", b"/S/H2", b"/S/Table", b"/S/TH", b"/S/Link"} <= set(re.findall(rb"/S/\w+", pdf))


def test_a_title_in_another_language_is_tagged_with_it(client: Client) -> None:
    data = asked(client, "DE", Language.RU)
    told = contents(data, Tongue(Language.RU), ROOMS[0], KNOWN)["parts"][0]["entries"]
    as_printed = {each["title"]: each["language"] for each in told}
    english = pressed(data, Language.RU).count(b"/Lang(en)")
    for agreement in data["at"]["country"]["agreements"]["nodes"]:
        agreement["titleLanguage"] = None

    assert set(as_printed.values()) == {"en", "de"}
    assert as_printed["Absichtserklärung"] == "de"
    assert english > pressed(data, Language.RU).count(b"/Lang(en)")


def test_a_brief_brings_its_fonts(server: str) -> None:
    pdf = got(f"{server}/countries/UZ/brief.pdf?lang=uz").content

    fonts = set(re.findall(rb"/Type/FontDescriptor/FontName/([\w+-]+)", pdf))
    assert fonts
    assert pdf.count(b"/FontFile3") + pdf.count(b"/FontFile2") >= len(fonts)
    assert all(re.match(rb"[A-Z]{6}\+", font) for font in fonts), "subsets are named so"


def test_a_brief_is_the_same_bytes_from_another_process(server: str, seeded_file: Path, tmp_path: Path) -> None:
    shutil.copyfile(seeded_file, tmp_path / "registry.db")
    address = "/countries/TR/brief.pdf?lang=uz-Cyrl&as_of=2026-06-30"
    with served(folder=tmp_path) as (_process, other):
        from_other = got(other + address).content

    assert got(server + address).content == from_other


def test_a_brief_set_anew_is_the_same_bytes(client: Client) -> None:
    data = asked(client, "KR", Language.RU)

    assert pressed(data, Language.RU) == pressed(data, Language.RU)


def test_a_brief_that_did_not_change_is_not_sent_again(server: str) -> None:
    address = f"{server}/countries/DE/brief.pdf"
    first = got(address)
    again = got(address, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["cache-control"] == "public, no-cache"
    assert "Authorization" in first.headers["vary"]


def test_a_brief_has_its_sources_numbered_and_says_what_it_holds_for(client: Client) -> None:
    data = asked(client, "DE")
    told = contents(data, Tongue(Language.EN), ROOMS[0], KNOWN)

    numbers = {n for part in told["parts"] for each in part.get("entries", []) for n in each["marks"]}
    numbers |= {n for part in told["parts"] for each in part.get("rows", []) for n in each.get("marks", [])}
    assert numbers == {source["number"] for source in told["sources"]["entries"]} == set(range(1, len(numbers) + 1))
    assert told["footer"]["hash"] == data["at"]["digest"]
    assert "21 November 2026" in told["footer"]["day"]
    assert told["footer"]["known"] == f"State of knowledge: {KNOWN}"


def test_a_brief_says_what_is_in_force_first_and_why(client: Client) -> None:
    told = contents(asked(client, "TR"), Tongue(Language.EN), ROOMS[0], KNOWN)
    agreements = told["parts"][0]["entries"]

    assert [each["force"] for each in agreements] == sorted((each["force"] for each in agreements), reverse=True)
    assert agreements[0]["status"] == "In force"
    assert "29 January 2026" in agreements[0]["why"]
    assert "29 January 2026" in agreements[0]["since"]


def test_a_brief_says_how_many_places_are_left(client: Client) -> None:
    data = asked(client, "KR")
    use = {"comparable": True, "reason": None, "measure": "DEPARTED", "used": 60000, "remaining": 20000, "share": 0.75}
    data["at"]["country"]["quotas"]["nodes"][-1] |= {"utilisation": use, "window": {"start": "2026-01-01", "end": None}}

    quotas = next(
        part for part in contents(data, Tongue(Language.EN), ROOMS[0], KNOWN)["parts"] if part["heading"] == "Quotas"
    )
    assert ["60,000 (75%)", "20,000"] in [row["cells"][3:] for row in quotas["rows"]]


def test_a_brief_tells_each_part_of_a_quota_behind_its_whole(client: Client) -> None:
    told = contents(asked(client, "KR"), Tongue(Language.EN), ROOMS[0], KNOWN)["parts"]
    quotas = next(part for part in told if part["heading"] == "Quotas")

    assert [row["cells"][1:3] for row in quotas["rows"]][:4] == [
        ["All; open to all countries of origin", "80,000 persons"],
        ["of which: sector-specific total", "70,000 persons"],
        ["\N{EN DASH} of which: Manufacturing", "50,000 persons"],
        ["\N{EN DASH} of which: Crop and animal production, hunting and related service activities", "10,000 persons"],
    ]
    assert ["of which: flexible pool", "10,000 persons"] in [row["cells"][1:3] for row in quotas["rows"]]


def test_a_quota_that_ends_with_its_whole_is_told_by_it_in_a_brief(client: Client) -> None:
    told = contents(asked(client, "KR"), Tongue(Language.EN), ROOMS[0], KNOWN)["parts"]
    (due,) = (part for part in told if part["heading"] == "Falls due within twelve months")

    assert [row["cells"][2] for row in due["rows"]] == ["80,000 persons, open to all countries of origin"]
    assert due["note"] == ""


def test_a_brief_tells_plans_as_plans_and_each_number_with_its_unit(client: Client) -> None:
    told = contents(asked(client, "IT", Language.RU), Tongue(Language.RU), ROOMS[0], KNOWN)["parts"]
    (row,) = next(part for part in told if part["heading"] == "Цифры, как их приводят источники")["rows"]

    assert row["cells"][1:] == ["Предложено рабочих мест (план)", "1\N{NO-BREAK SPACE}500 рабочих мест"]
    assert row["aside"].startswith("An announcement without an end")


def test_a_count_on_one_unknown_day_is_no_period_in_a_brief(client: Client) -> None:
    told = contents(asked(client, "DE"), Tongue(Language.EN), ROOMS[0], KNOWN)["parts"]
    rows = next(part for part in told if part["heading"] == "Figures as sources state them")["rows"]

    when = {row["cells"][1]: row["cells"][0] for row in rows}
    assert when["In training"] == "On an unknown day, between 1 January 2024 and 21 November 2026"


def test_a_brief_names_every_party_whose_consent_is_missing(client: Client) -> None:
    for room in ROOMS[:2]:
        told = contents(asked(client, "DE"), Tongue(Language.EN), room, KNOWN)["parts"][0]["entries"]

        assert "Consent is not on record: Germany, Uzbekistan." in told[0]["missing"]


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_missing_beyond_the_room_is_said_to_be_more(client: Client, room: Room) -> None:
    data = asked(client, "DE")
    first = data["at"]["country"]["agreements"]["nodes"][0]
    first["statusReason"]["missing"] = [f"Lacking is the {n}th." for n in range(12)]
    told = contents(data, Tongue(Language.EN), room, KNOWN)["parts"][0]["entries"][0]["missing"]

    named = told.count("Lacking")
    assert named <= room.missing
    assert f"And {12 - named} more." in told or "the page of the agreement says what" in told


def test_what_is_missing_is_never_cut_within_a_list(client: Client) -> None:
    data = asked(client, "DE")
    first = data["at"]["country"]["agreements"]["nodes"][0]
    first["statusReason"]["missing"] = ["Known is too little of it. " * 9, *("Another thing is missing. " * 9,) * 3]
    told = contents(data, Tongue(Language.EN), ROOMS[0], KNOWN)["parts"][0]["entries"][0]["missing"]

    assert told.endswith("more.")
    assert "…" not in told


def test_years_beyond_the_room_are_told_together_so_that_rows_add_up(client: Client) -> None:
    data = asked(client, "KR")
    rows = [{"year": year, "people": 100 + year - 2000} for year in range(2011, 2026)]
    total = sum(row["people"] for row in rows)
    data["at"]["country"]["employed"] |= {"rows": rows, "total": total, "period": {"edtf": "2011/2025"}}

    parts = contents(data, Tongue(Language.EN), ROOMS[0], KNOWN)["parts"]
    (part,) = [part for part in parts if part["kind"] == "bars" and part["together"] == ["Together", f"{total:,}"]]
    assert (part["rows"][0]["year"], part["rows"][0]["people"]) == ("5 earlier years", "565")
    assert [row["year"] for row in part["rows"][1:]] == [str(year) for year in range(2016, 2026)]
    assert sum(int(row["people"]) for row in part["rows"]) == total
    assert sheets(pressed(data)) <= 2


def test_what_is_beyond_the_room_is_counted(client: Client) -> None:
    data = asked(client, "KR")
    part = next(p for p in contents(data, Tongue(Language.EN), ROOMS[-1], KNOWN)["parts"] if p["heading"] == "Quotas")

    left = data["at"]["country"]["quotas"]["totalCount"] - ROOMS[-1].quotas
    assert len(part["rows"]) == ROOMS[-1].quotas
    assert f"{left} more in the registry." in part["note"]


@pytest.mark.parametrize("language", Language)
def test_a_brief_never_has_more_than_two_sheets(client: Client, language: Language) -> None:
    data = asked(client, "TR", language)
    country = data["at"]["country"]
    long = "A very long sentence about what is missing and why it matters to everybody. " * 20
    for agreement in country["agreements"]["nodes"]:
        agreement |= {"title": long}
        agreement["statusReason"] |= {"explanation": long, "missing": [long] * 5}
    country["agreements"]["nodes"] *= 8
    country["gaps"]["nodes"] *= 10

    assert sheets(pressed(data, language)) == 2


def test_a_crowded_country_has_two_sheets_as_well(generated_file: Path, tmp_path: Path) -> None:
    file = shutil.copyfile(generated_file, tmp_path / "registry.db")
    with serving(Settings(database_url=f"sqlite:///{file}")) as address:
        query = "{ countries(filter: {stage: [AGREEMENT_IN_FORCE]}, first: 3) { nodes { code } } }"
        found = httpx2.post(f"{address}/graphql", json={"query": query}).json()["data"]["countries"]["nodes"]
        for code in [each["code"] for each in found]:
            assert sheets(got(f"{address}/countries/{code}/brief.pdf?lang=ru").content) <= 2
    assert found


# What is written by others is text, never instruction


@pytest.mark.parametrize(
    "title",
    [
        '#panic("no")',
        "*bold* _slanted_ `raw` $x^2$ <label> @reference = heading",
        '#import "x.typ": *\n#read("/etc/passwd")',
        "]#set page(width: 1cm)[",
        "\\u{1F600} \\ // comment /* open",
        '"}; } // \\',
    ],
)
def test_a_title_full_of_markup_is_set_as_it_is(client: Client, title: str) -> None:
    data = asked(client, "DE")
    data["at"]["country"]["name"] = title
    data["at"]["country"]["agreements"]["nodes"][0]["title"] = title
    data["about"]["homeCountry"]["name"] = title

    pdf = pressed(data)
    assert sheets(pdf) == 1
    assert f"{plain(title, 400)}. Brief" in title_of(pdf)


def title_of(pdf: bytes) -> str:
    """The title of a PDF, as its metadata in XML have it."""
    return html.unescape(pdf[pdf.index(b"<dc:title>") : pdf.index(b"</dc:title>")].decode())


@pytest.mark.parametrize("text", ["한국어 협정", "協定 🙂", "ไทย", "a\x00b\x1b[31m", "\u202eevil", "", " "])
def test_letters_that_no_font_has_become_boxes(client: Client, text: str) -> None:
    data = asked(client, "DE")
    data["at"]["country"]["agreements"]["nodes"][0]["title"] = text

    assert sheets(pressed(data)) == 1
    assert plain("협정 ok", 100) == f"{MISSING}{MISSING} ok"


def test_every_letter_that_is_said_to_be_shown_can_be_set(client: Client) -> None:
    data = asked(client, "DE")
    letters = [chr(n) for n in range(0x20, 0x2600) if re.fullmatch(f"[{SHOWN}]", chr(n)) and chr(n).isprintable()]
    for agreement in data["at"]["country"]["agreements"]["nodes"]:
        agreement["title"] = "x"
    told = contents(data, Tongue(Language.EN), ROOMS[0], KNOWN) | {"language": "en"}
    told["absent"] = "".join(letters)

    assert {*f"O{TURNED_COMMA}zbekiston ў қ ғ ҳ Ў Қ Ғ Ҳ {TUTUQ} ё İŞKUR №"} <= {*letters}
    assert asyncio.run(Press(TEMPLATE, 9).set(b"", [orjson.dumps(told)], 0)).startswith(b"%PDF")


def test_a_text_that_is_too_long_ends_at_a_word() -> None:
    assert plain("one two three four", 9) == "one two …"
    assert plain("one two", 9) == "one two"


# What cannot be given


def test_a_server_without_a_typesetter_says_so(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief, "can_print", lambda: False)
    answer = got(f"{server}/countries/DE/brief.pdf", headers={"Accept": "application/json"})

    (error,) = answer.json()["errors"]
    assert answer.status_code == 501
    assert error["extensions"]["code"] == "NOT_IMPLEMENTED"
    assert "pdf" in error["extensions"]["hint"]
    page = got(f"{server}/countries/DE/brief.pdf", headers={"Accept": "text/html"})
    assert (page.status_code, "extra" in page.text) == (501, True)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/countries/XX/brief.pdf", 404),
        ("/countries/Germany/brief.pdf", 404),
        ("/countries/DE/brief.pdf?as_of=yesterday", 400),
        ("/countries/DE/brief.pdf?known_on=2001-01-01", 400),
        ("/countries/DE/brief.pdf?as_of=9999-12-31", 200),
        ("/countries/DE/brief.pdf?as_of=0001-01-01", 200),
    ],
)
def test_odd_addresses_are_answered_plainly(server: str, address: str, status: int) -> None:
    answer = got(server + address, headers={"Accept": "application/json"})

    assert answer.status_code == status
    if status != 200:
        assert json.loads(answer.content)["errors"][0]["message"]


def test_a_press_sets_what_is_asked_for_several_times_at_once_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    press, times = Press(TEMPLATE, 2), list[int]()

    def once(_versions: Any, timestamp: int) -> bytes:
        times.append(timestamp)
        return b"a sheet"

    monkeypatch.setattr(press, "_set", once)

    async def ask() -> list[bytes]:
        return await asyncio.gather(*(press.set(b"the same", [b"{}"], 0) for _ in range(9)))

    assert (asyncio.run(ask()), times) == ([b"a sheet"] * 9, [0])


def test_a_press_takes_no_more_work_than_it_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.paper.typesetting.MOST_WAITING", 0)

    with pytest.raises(Busy):
        asyncio.run(Press(TEMPLATE, 2).set(b"", [b"{}"], 0))
