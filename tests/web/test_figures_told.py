"""A figure is told by what it may be mistaken without: whether it is a plan, of what, on which days, and its limits."""

from typing import Any

import httpx2
import pytest

from registry.codes import Language
from registry.language import words
from registry.web.pages.figures import told_figure
from registry.web.tongue import Tongue
from tests.web.test_record_pages import words_of

SPACE = "\N{NO-BREAK SPACE}"


def figure(**said: Any) -> dict[str, Any]:
    """1,200 people who departed in 2025, as documents ask for it."""
    plain: dict[str, Any] = {"measure": "DEPARTED", "nature": "FLOW", "operator": "EXACT", "value": "1200"}
    plain |= {"counts": "persons", "period": {"edtf": "2025"}, "note": None}
    return plain | {"destinationAsPrinted": None, "destinations": []} | said


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("persons", "1", "1 человек"),
        ("persons", "3522", f"3{SPACE}522 человека"),
        ("jobs", "5", "5 рабочих мест"),
        ("companies", "5", "5 компаний"),
        ("agreements", "129", "129 соглашений"),
        ("agreements", "1.5", "1,5 соглашения"),
        ("per cent", "18.3", "18,3 %"),
        ("per cent of GDP", "16", "16 % ВВП"),
    ],
)
def test_a_number_stands_with_its_unit_in_the_form_of_the_language(unit: str, value: str, said: str) -> None:
    assert told_figure(figure(counts=unit, value=value), Tongue(Language.RU)).amount == said


def test_how_a_number_is_to_be_read_stands_before_it() -> None:
    told = told_figure(figure(operator="ABOUT", value="16", counts="per cent of GDP"), Tongue(Language.UZ_CYRL))

    assert told.amount == "ЯИМга нисбатан ≈ 16 фоиз"


def test_a_unit_without_words_stands_as_it_was_entered_and_is_known_to_be_english() -> None:
    told = told_figure(figure(counts="communities", value="136"), Tongue(Language.RU))

    assert (told.number, told.unit, told.amount) == ("136", "communities", "136 communities")


def test_only_what_was_not_counted_is_told_by_its_nature() -> None:
    natures = {each: told_figure(figure(nature=each), Tongue(Language.RU)).nature for each in ("FLOW", "RATIO", "PLAN")}

    assert natures == {"FLOW": "", "RATIO": "", "PLAN": "план"}


@pytest.mark.parametrize(
    ("nature", "period", "when"),
    [
        ("FLOW", "2024-01-01/2026-11-21", "from 1 January 2024 to 21 November 2026"),
        ("STOCK", "2024-01-01/2026-11-21", "on an unknown day, between 1 January 2024 and 21 November 2026"),
        ("STOCK", "2026-11-21", "21 November 2026"),
        ("STOCK", "2026-11-21~", "about 21 November 2026"),
        ("STOCK", "../..", "an unknown date"),
    ],
)
def test_a_count_at_a_moment_is_of_a_day_and_not_of_a_period(nature: str, period: str, when: str) -> None:
    assert told_figure(figure(nature=nature, period={"edtf": period}), Tongue(Language.EN)).when == when


def test_what_limits_a_figure_is_told_by_the_first_sentence_of_its_remark_or_in_full() -> None:
    remark = "People from Tashkent. The period is read from the context."
    told = told_figure(
        figure(note=remark, destinationAsPrinted="abroad", destinations=[{"name": "Италия"}]), Tongue(Language.RU)
    )

    assert told.scope == "Италия"
    assert told.limits() == ["abroad", "People from Tashkent"]
    assert told.limits(in_full=True) == ["abroad", remark]


def test_the_page_of_a_source_tells_plans_units_and_limits(server: str) -> None:
    text = words_of(httpx2.get(f"{server}/sources/fergana-139620?lang=ru").text)
    year = words("period", "2025", Language.RU)

    assert f"трудоустроены (план), {year}: 200 000 человек; abroad" in text
    assert f"трудоустроены (план), {year}: 12 000 человек; abroad; People from Tashkent. The source does not" in text
    assert "129 соглашений" in text
    assert "16 % ВВП" in words_of(httpx2.get(f"{server}/sources/article-mexico-kyrgyzstan?lang=ru").text)


def test_a_country_tells_the_day_the_unit_and_the_remark_of_its_figures(server: str) -> None:
    text = words_of(httpx2.get(f"{server}/countries/DE?lang=en").text)

    assert "On an unknown day, between 1 January 2024 and 21 November 2026 In training: 1,670 persons; stock" in text
    assert "A window of three years whose end is unknown" in text


def test_the_log_tells_of_a_plan_as_one(server: str) -> None:
    text = words_of(httpx2.get(f"{server}/changes?type=Figure&country=IT&lang=en").text)

    assert "figure \N{EN DASH} jobs opened (plan), from 1 January 2026 on: 1,500 jobs; Italy; An announcement" in text
