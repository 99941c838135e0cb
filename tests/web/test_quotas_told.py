"""A quota is told by whose places it has, and a part behind the whole that it is a part of, in its unit."""

from typing import Any

import httpx2
import pytest

from registry.codes import Language
from registry.web.pages.quotas import places, whose, whose_and_of_what, with_parts
from registry.web.tongue import Tongue
from tests.web.test_record_pages import words_of

ENGLISH = Tongue(Language.EN)


def quota(reference: str = "all", part_of: str | None = None, **said: Any) -> dict[str, Any]:
    """A hundred places for people from Uzbekistan, as documents ask for it."""
    whole = {"reference": part_of} if part_of else None
    plain: dict[str, Any] = {"reference": reference, "partOf": whole, "unit": "PERSONS", "operator": "EXACT"}
    return plain | {"places": 100, "origins": [{"code": "UZ", "name": "Uzbekistan"}]} | said


def test_parts_come_right_behind_their_whole() -> None:
    told = [quota("b", "a"), quota("x"), quota("c", "b"), quota("a"), quota("d", "a")]

    order = [(depth, each["reference"]) for depth, each in with_parts(told)]

    assert order == [(0, "x"), (0, "a"), (1, "b"), (2, "c"), (1, "d")]


def test_a_part_whose_whole_is_elsewhere_stands_by_itself() -> None:
    assert [depth for depth, _ in with_parts([quota("b", "elsewhere"), quota("c", "b")])] == [0, 1]


def test_what_is_no_quota_keeps_its_place_among_them() -> None:
    due = [{"subject": {"reference": "a"}}, {"subject": quota("b", "a")}, {"subject": quota("a")}]

    assert with_parts(due, "subject") == [(0, due[0]), (0, due[2]), (1, due[1])]


def test_places_that_are_open_to_all_say_so() -> None:
    other = {"code": "NP", "name": "Nepal"}

    assert whose(quota(), "UZ", ENGLISH) == ""
    assert whose(quota(origins=[]), "UZ", ENGLISH) == "open to all countries of origin"
    assert whose(quota(origins=[]), "UZ", Tongue(Language.UZ)) == "barcha kelib chiqish mamlakatlari uchun ochiq"
    assert whose(quota(origins=[other]), "UZ", ENGLISH) == "for people from: Nepal"
    assert whose_and_of_what(quota("b", "a"), "UZ", ENGLISH) == "part of a larger quota"


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("PERSONS", "≤ 2 человека"),
        ("ENTRIES", "≤ 2 въезда"),
        ("PERMITS", "≤ 2 разрешения на работу"),
        ("CONSENTS", "≤ 2 согласия"),
        ("VISAS", "≤ 2 визы"),
        ("JOBS", "≤ 2 рабочих места"),
    ],
)
def test_places_are_told_in_their_unit(unit: str, said: str) -> None:
    assert places(quota(unit=unit, places=2, operator="AT_MOST"), Tongue(Language.RU)) == said


@pytest.mark.parametrize("address", ["/?as_of=2026-11-21&lang=en", "/countries/KR?as_of=2026-11-21&lang=en"])
def test_places_that_end_are_told_with_whose_they_are_and_their_parts_behind(server: str, address: str) -> None:
    text = words_of(httpx2.get(server + address).text)

    due = "ceiling, 2026, 80,000 persons, open to all countries of origin of which: 10,000 persons; flexible pool"
    assert f"{due} of which: 70,000 persons; sector-specific total \N{EN DASH} of which: 10,000 persons;" in text


def test_a_country_tells_its_quotas_as_wholes_with_parts(server: str) -> None:
    text = words_of(httpx2.get(f"{server}/countries/KR?as_of=2026-11-21&lang=en").text)

    assert "80,000 persons; ceiling, by domestic rule; open to all countries of origin" in text
    assert "of which: 70,000 persons, sector-specific total;" in text


def test_the_use_of_quotas_is_told_in_their_units(server: str) -> None:
    text = words_of(httpx2.get(f"{server}/statistics/quotas?country=KR&country=IT&lang=en").text)

    assert "≤ 750 entries" in text
    assert "15,784 work permits" in text
    assert "80,000 persons" in text
    assert "Ceiling; open to all countries of origin" in text
