"""The charts and the order of statistics: what is largest comes first, and time runs without leaving periods out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from registry import placements
from registry.codes import PlacementMeasure
from registry.database import open_engine
from registry.history import changeset
from registry.placements import Counted, Sex
from registry.settings import Settings
from registry.web.pages import entire
from registry.web.pages.page import Changed
from tests.factories import make_source
from tests.servers import serving
from tests.web.test_desk import csv_of, rows_of, text_of, xlsx_of

#: Countries in the order of their codes, each with as many selected as its place says: the last are the largest.
COUNTRIES = re.findall("..", "AEARATAUAZBEBGBRBYCACHCNCYCZDEDKEEEGESFIFRGBGEGRHRHUIEINITJP")

RETURNS = [Counted("2023", code, place, PlacementMeasure.SELECTED) for place, code in enumerate(COUNTRIES, start=1)]
RETURNS += [
    Counted("2022-12", "DE", 30, PlacementMeasure.RETURNED, sex=Sex.FEMALE),
    Counted("2022-12", "DE", 40, PlacementMeasure.RETURNED, sex=Sex.MALE),
    Counted("2022-12", "JP", 55, PlacementMeasure.RETURNED, sex=Sex.MALE),
    Counted("2025-02", "DE", 10, PlacementMeasure.RETURNED, sex=Sex.FEMALE),
    Counted("2025-02", "JP", 130, PlacementMeasure.RETURNED, sex=Sex.FEMALE),
    Counted("0203", "DE", 1, PlacementMeasure.ARRIVED),
    Counted("2023", "DE", 1, PlacementMeasure.ARRIVED),
]

#: So many months of so many countries that one answer of the graph has not room for them: 1,200 rows of three.
MONTHS = [f"{year}-{month:02}" for year in range(2016, 2020) for month in range(1, 13)][:40]
RETURNS += [Counted(month, code, 3, PlacementMeasure.CONTRACTED) for month in MONTHS for code in COUNTRIES]


@pytest.fixture(scope="module")
def running(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The seeds with returns of many countries, and with some that leave months and years out."""
    engine = open_engine(f"sqlite:///{shutil.copyfile(seeded_file, tmp_path_factory.mktemp('sums') / 'registry.db')}")
    with changeset(engine, "Returns of many.") as changes:
        make_source(changes, "the-returns")
        placements.report(changes, source="the-returns", placements=RETURNS)
    with serving(Settings(database_url=engine.url.render_as_string())) as address:
        yield address
    engine.dispose()


def bars(page: str) -> list[str]:
    """What the bars of a chart that lies stand for."""
    return re.findall(r"<div><span>(.*?)</span> <b>", page)


def ticks(page: str) -> list[str]:
    """What is written under the bars of a chart that stands."""
    return re.findall(r'<text class="tick"[^>]*>(.*?)</text>', page)


def test_a_chart_shows_the_largest_and_says_of_how_many(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=SELECTED&by=COUNTRY&lang=en").text

    assert (len(bars(page)), bars(page)[:2], bars(page)[-1]) == (25, ["Japan", "Italy"], "Belgium")
    assert "The 25 largest of the 30 in the table." in text_of(page)
    assert rows_of(page)[1][0] == "Argentina", "the table goes by names"


def test_a_chart_that_has_all_keeps_the_order_of_the_table_and_says_nothing_of_it(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=RETURNED&by=COUNTRY&lang=en").text

    assert bars(page) == ["Germany", "Japan"]
    assert "largest of" not in page


@pytest.mark.parametrize(("tag", "said"), [("ru", "25 крупнейших из 30"), ("uz", "30 tadan eng katta 25 tasi")])
def test_that_only_the_largest_are_shown_is_said_in_the_language_of_the_page(
    reader: httpx2.Client, tag: str, said: str
) -> None:
    assert said in text_of(reader.get(f"/statistics?measure=SELECTED&by=COUNTRY&lang={tag}").text)


def test_years_without_returns_have_their_place_on_the_axis_and_no_row(reader: httpx2.Client) -> None:
    address = "/statistics?measure=RETURNED&by=YEAR&lang=en"
    page = reader.get(address).text

    assert ticks(page) == ["2022", "2023", "2024", "2025"]
    assert page.count('<rect class="s1"') == 2, "and no bar"
    assert [row[0] for row in rows_of(page)[1:]] == ["2022", "2025", "Together"]
    assert [line[0] for line in csv_of(reader, address)[1:]] == ["2022", "2025", "Together"]


@pytest.mark.parametrize("tag", ["en", "ru", "uz", "uz-Cyrl"])
def test_months_are_told_in_figures_and_the_same_ones_of_each_year(reader: httpx2.Client, tag: str) -> None:
    page = reader.get(f"/statistics?measure=RETURNED&by=MONTH&by=SEX&lang={tag}").text

    assert ticks(page) == ["12.2022", "06.2023", "12.2023", "06.2024", "12.2024"]


def test_quarters_by_themselves_are_an_axis_too(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=RETURNED&by=QUARTER&lang=en").text

    assert ticks(page) == ["1", "2", "3", "4"]


def test_a_mistyped_year_does_not_make_thousands_of_places(reader: httpx2.Client) -> None:
    assert ticks(reader.get("/statistics?measure=ARRIVED&by=YEAR&lang=en").text) == ["203", "2023"]


# ── More rows than an answer holds ──────────────────────────────────────────────────────────────────────────────────

CROWDED = "/statistics?measure=CONTRACTED&by=MONTH&by=COUNTRY&lang=en"


def test_a_chart_counts_all_people_also_where_the_table_is_cut(reader: httpx2.Client) -> None:
    page = reader.get(CROWDED).text
    heights = re.findall(r'<rect class="s1" [^>]*height="([0-9.]+)"', page)

    assert "These are 1,000 of 1,200 rows" in text_of(page)
    assert (len(heights), len(set(heights))) == (40, 1), "a bar for each month, each of 90 people"


def test_the_largest_bars_are_the_largest_of_all_also_where_the_table_is_cut(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=CONTRACTED&by=COUNTRY&by=MONTH&lang=en").text

    assert set(re.findall(r"</span> <b>(.*?)</b>", page)) == {"120"}
    assert "The 25 largest of the 30 in the table." in text_of(page)


@pytest.mark.parametrize("address", [CROWDED, "/statistics?measure=CONTRACTED&by=COUNTRY&by=MONTH&lang=en"])
def test_a_file_has_all_rows(reader: httpx2.Client, address: str) -> None:
    _head, *lines, together = csv_of(reader, address)
    sheet = xlsx_of(reader, address).get_sheet_by_index(0).to_python()

    assert len({tuple(line[:2]) for line in lines}) == len(lines) == len(sheet) - 2 == 1200
    assert sum(int(line[2]) for line in lines) == int(together[2]) == 3600
    assert {line[3] for line in lines} == {"0.0008"}


def test_rows_of_a_file_that_is_put_together_stand_in_the_order_of_the_table(reader: httpx2.Client) -> None:
    shown = [row[0] for row in rows_of(reader.get(CROWDED).text)[1:] if len(row) == 1]
    written = list(dict.fromkeys(line[0] for line in csv_of(reader, CROWDED)[1:-1]))

    assert written[: len(shown)] == shown


def test_a_file_that_cannot_have_all_rows_says_how_many_are_missing(
    reader: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.web.pages.entire.MOST_READ", 1)
    lines = csv_of(reader, CROWDED)

    assert lines[-1][0] == "Rows that are not in this file: 200. Narrow the question to have all."
    assert len(lines) == 1 + 1000 + 2


@pytest.mark.parametrize(("times", "status"), [(1, 200), (99, 503)])
def test_a_file_is_begun_anew_where_the_registry_changes_meanwhile_but_not_for_ever(
    reader: httpx2.Client, monkeypatch: pytest.MonkeyPatch, times: int, status: int
) -> None:
    whole, left = entire.all_rows, iter(range(times))

    async def interrupted(*asked: Any) -> Any:
        if next(left, None) is not None:
            raise Changed
        return await whole(*asked)

    monkeypatch.setattr(entire, "all_rows", interrupted)
    sent = reader.get(CROWDED.replace("?", ".csv?", 1))

    assert sent.status_code == status
    assert status == 503 or len(sent.text.splitlines()) == 1 + 1200 + 1


# ── Figures without a country ───────────────────────────────────────────────────────────────────────────────────────


def test_figures_that_name_no_country_stand_beside_all_measures_with_their_sources(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?lang=en").text
    query = "{ figures(first: 100) { nodes { value measure destinations { code } } } }"
    found = reader.post("/graphql", json={"query": query}).json()["data"]["figures"]["nodes"]
    headline = page.partition('<section aria-labelledby="figures">')[2]

    assert headline.count('<div class="when">') == len([each for each in found if not each["destinations"]]) > 5
    assert "108,592" in headline
    assert headline.count('<details class="cite">') >= headline.count('<div class="when">')


def test_beside_a_measure_stand_the_figures_of_that_measure(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=DEPARTED&lang=en").text
    headline = text_of(page.partition('<section aria-labelledby="figures">')[2])

    assert "Departed:" in headline
    assert "gross domestic product" not in headline
    assert "108,592" not in headline or "Departed: 108,592" in headline


# ── Order ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_the_order_of_people_the_largest_of_each_year_come_first_and_years_stay_in_order(
    reader: httpx2.Client,
) -> None:
    address = "/statistics?measure=RETURNED&by=YEAR&by=COUNTRY&sort=people&lang=en"

    assert [line[:3] for line in csv_of(reader, address)[1:5]] == [
        ["2022", "Germany", "70"],
        ["2022", "Japan", "55"],
        ["2025", "Japan", "130"],
        ["2025", "Germany", "10"],
    ]
    shown = [row[:2] for row in rows_of(reader.get(address).text)[1:] if row[0] != "Together"]
    assert shown == [["2022"], ["Germany", "70"], ["Japan", "55"], ["2025"], ["Japan", "130"], ["Germany", "10"]]


def test_in_the_order_of_people_groups_go_by_their_sums(reader: httpx2.Client) -> None:
    address = "/statistics?measure=RETURNED&by=COUNTRY&by=SEX&sort=people&lang=en"
    page = reader.get(address).text

    assert [line[:3] for line in csv_of(reader, address)[1:5]] == [
        ["Japan", "women", "130"],
        ["Japan", "men", "55"],
        ["Germany", "women", "40"],
        ["Germany", "men", "40"],
    ]
    assert [row[0] for row in rows_of(page)[1:]].index("Japan") == 0
    assert bars(page) == ["Japan", "Germany"]


def test_times_stand_in_order_in_the_chart_though_the_table_goes_by_people(reader: httpx2.Client) -> None:
    page = reader.get("/statistics?measure=RETURNED&by=YEAR&sort=people&lang=en").text

    assert [row[0] for row in rows_of(page)[1:3]] == ["2025", "2022"]
    assert ticks(page) == ["2022", "2023", "2024", "2025"]
