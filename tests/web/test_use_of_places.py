"""How far places are used: told only as exactly as their number is known, on every page and in every file."""

import csv
import io
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from python_calamine import CalamineWorkbook

from registry import placements, programmes
from registry.access import PUBLIC
from registry.codes import Language, ValueOperator
from registry.database import open_engine
from registry.history import changeset
from registry.language import code_name
from registry.placements import Counted
from registry.programmes import ProgrammeKind
from registry.settings import Settings
from tests.factories import WORDS, make_agreement, make_quota, make_source
from tests.servers import serving
from tests.web.test_desk import rows_of, text_of

#: Years with their places and the people who went in each, to Portugal and under the agreement.
YEARS = (
    (2020, ValueOperator.EXACT, 0, 0),
    (2021, ValueOperator.LESS_THAN, 4, 4),
    (2022, ValueOperator.LESS_THAN, 4, 1),
    (2023, ValueOperator.AT_LEAST, 3, 2),
    (2024, ValueOperator.EXACT, 1000, 1004),
    (2025, ValueOperator.EXACT, 0, 5),
)

#: How pages tell of them, in the same order.
TOLD = (
    "0 of 0 used; 0 left",
    "4 of < 4 used (≥ 133%); exceeded by ≥ 1",
    "1 of < 4 used (≥ 33%); ≤ 2 left",
    "2 of ≥ 3 used",
    "1,004 of 1,000 used (100.4%); exceeded by 4",
    "5 of 0 used; exceeded by 5",
)


#: Pages that tell how far places are used.
PAGES = ("/countries/PT", "/compare?a=PT&b=DE", "/compare?a=DE&b=PT", "/agreements/uz-pt")

#: What stands where there is no number.
NONE = "\N{EN DASH}"


@pytest.fixture(scope="module")
def running(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The seeds with quotas for Portugal, more of them than a page has, and a programme that states odd numbers."""
    engine = open_engine(f"sqlite:///{shutil.copyfile(seeded_file, tmp_path_factory.mktemp('use') / 'registry.db')}")
    with changeset(engine, "Places and people.") as changes:
        make_agreement(changes, "uz-pt", ("UZ", "PT"), audience=PUBLIC)
        make_source(changes, "the-returns")
        for year, operator, places, _people in YEARS:
            stated = {"country": "PT", "period": str(year), "agreement": "uz-pt", "origins": ("UZ",)}
            make_quota(changes, f"pt-{year}", places=places, operator=operator, **stated)
        make_quota(changes, "pt-2035", country="PT", period="2020/2035", places=12709, operator=ValueOperator.MORE_THAN)
        for number in range(50):
            make_quota(changes, f"es-{number}", country="ES", period="2019", places=number)
        counted = [Counted(str(year), "PT", people, agreement="uz-pt") for year, _, _, people in YEARS]
        placements.report(changes, source="the-returns", placements=counted)
        programmes.register(
            changes,
            reference="odd-help",
            name="Odd help",
            kind=ProgrammeKind.MICROLOAN,
            amount=Decimal("1234.5678"),
            currency="UZS",
            rate=0.125,
            description="Help.",
            citations=WORDS,
        )
    with serving(Settings(database_url=engine.url.render_as_string())) as address:
        yield address
    engine.dispose()


def lines_of(reader: httpx2.Client, address: str) -> list[dict[str, str]]:
    """The rows of a file of CSV by the names of their columns."""
    return list(csv.DictReader(io.StringIO(reader.get(address).content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", PAGES)
def test_what_is_left_and_the_share_follow_from_how_the_number_of_places_is_to_be_read(
    reader: httpx2.Client, address: str
) -> None:
    sent = reader.get(address)

    assert sent.status_code == 200
    assert [told for told in TOLD if told not in text_of(sent.text)] == []


@pytest.mark.parametrize("tag", ["en", "ru", "uz", "uz-Cyrl"])
@pytest.mark.parametrize("address", [*PAGES, "/statistics/quotas", "/statistics/quotas.csv"])
def test_a_quota_that_has_ended_has_a_page_in_every_language(reader: httpx2.Client, address: str, tag: str) -> None:
    mark = "&" if "?" in address else "?"
    assert reader.get(f"{address}{mark}lang={tag}").status_code == 200


def test_a_quota_that_has_ended_has_its_place_on_the_brief(reader: httpx2.Client) -> None:
    assert reader.get("/countries/PT/brief.pdf").status_code == 200


def test_the_table_of_quotas_tells_bounds_as_such_and_leaves_out_what_does_not_follow(reader: httpx2.Client) -> None:
    rows = [row[4:] for row in rows_of(reader.get("/statistics/quotas?country=PT&lang=en").text)]

    assert ["4", "≤ -1", "≥ 133%", ""] in rows
    assert ["1", "≤ 2", "≥ 33%", ""] in rows
    assert ["5", "-5", NONE, ""] in rows
    assert ["2", NONE, NONE, "How many are left is not known, as the number of places is not exact."] in rows


def test_rows_of_the_file_of_quotas_can_be_told_apart_and_have_their_unit(reader: httpx2.Client) -> None:
    lines = lines_of(reader, "/statistics/quotas.csv?country=PT&lang=en")
    (line,) = [line for line in lines if line["Reference"] == "pt-2024"]

    assert len({each["Reference"] for each in lines}) == len(lines) == len(YEARS) + 1
    assert (line["Unit"], line["Agreement"], line["Countries of origin"]) == ("persons", "uz-pt", "Uzbekistan")


@pytest.mark.parametrize("tag", ["en", "ru", "uz"])
def test_the_file_of_quotas_names_units_in_its_language(reader: httpx2.Client, tag: str) -> None:
    language = Language[tag.upper()]
    (line,) = lines_of(reader, f"/statistics/quotas.csv?country=PT&year=2035&lang={tag}")

    assert code_name("CountedUnit", "PERSONS", language) in line.values()


def test_numbers_below_zero_are_numbers_in_files(reader: httpx2.Client) -> None:
    lines = lines_of(reader, "/statistics/quotas.csv?country=PT&lang=en")
    sent = reader.get("/statistics/quotas.xlsx?country=PT&lang=en").content
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(sent)).get_sheet_by_index(0).to_python()
    left = {row[head.index("Reference")]: row[head.index("Left")] for row in rows}

    assert {line["Reference"]: line["Left"] for line in lines}["pt-2024"] == "-4"
    assert (left["pt-2021"], left["pt-2022"], left["pt-2023"], left["pt-2024"]) == (-1, 2, "", -4)


def test_a_file_says_how_what_is_left_is_to_be_read(reader: httpx2.Client) -> None:
    lines = lines_of(reader, "/statistics/quotas.csv?country=PT&lang=en")
    remarks = {line["Reference"]: line["Remark"] for line in lines}

    assert remarks["pt-2022"] == "At most so many are left, as the number of places is not exact."
    assert remarks["pt-2023"] == "How many are left is not known, as the number of places is not exact."
    assert remarks["pt-2024"] == ""


def test_the_file_has_all_quotas_whichever_page_it_is_asked_from(reader: httpx2.Client) -> None:
    page = reader.get("/statistics/quotas", headers={"Accept": "application/json"}).json()["data"]["at"]["quotas"]
    after = page["pageInfo"]["endCursor"]

    assert page["pageInfo"]["hasNextPage"]
    assert len(lines_of(reader, "/statistics/quotas.csv")) == page["totalCount"]
    assert len(lines_of(reader, f"/statistics/quotas.csv?after={after}")) == page["totalCount"]


def test_gaps_and_deadlines_say_how_places_are_to_be_read(reader: httpx2.Client) -> None:
    asked = '{ country(code: "PT") { gaps { nodes { explanation } } deadlines { nodes { explanation } } } }'
    found = reader.post("/graphql", json={"query": asked}).json()["data"]["country"]
    gaps, deadlines = ([each["explanation"] for each in found[name]["nodes"]] for name in ("gaps", "deadlines"))

    assert "People counted: 4. Places: fewer than 4." in gaps
    assert "Last day of the period of this quota. Number of places: > 12,709." in deadlines
    assert "> 12,709" in text_of(reader.get("/countries/PT?lang=en").text)


def test_what_a_programme_states_is_told_to_the_last_digit(reader: httpx2.Client) -> None:
    text = text_of(reader.get("/programmes/odd-help?lang=en").text)

    assert "1,234.5678 UZS" in text
    assert "12.5% of the cost" in text


def test_an_ended_quota_is_compared_and_has_no_share(reader: httpx2.Client) -> None:
    asked = '{ quota(reference: "pt-2025") { utilisation { comparable used remaining share } } }'

    use = reader.post("/graphql", json={"query": asked}).json()["data"]["quota"]["utilisation"]
    assert use == {"comparable": True, "used": 5, "remaining": -5, "share": None}
