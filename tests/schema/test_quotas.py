"""Quotas, and how far they are used."""

from datetime import date

import pytest
import sqlalchemy as sa

from registry import quotas
from registry.history import changeset
from registry.sources import Cited
from schema.dates import years
from tests.schema.asking import Asker

USE = "utilisation { comparable reason measure used remaining share }"


@pytest.mark.parametrize("reference", ["kr-e9-2024", "it-2025-seasonal", "kr-e9-2024-round-1", "tr-2026-construction"])
def test_unlike_things_are_not_divided_and_the_answer_says_why(any_ask: Asker, reference: str) -> None:
    query = (
        f"query ($r: String!) {{ quota(reference: $r) {{ {USE} russian: utilisation {{ reason(language: RU) }} }} }}"
    )
    found = any_ask(query, r=reference)["quota"]
    use = found["utilisation"]

    assert (use["comparable"], use["used"], use["remaining"], use["share"]) == (False, None, None, None)
    assert len(use["reason"]) > 20
    assert found["russian"]["reason"]


def test_places_open_to_all_are_never_compared_with_one_countrys_people(any_ask: Asker) -> None:
    found = any_ask(f'{{ quota(reference: "kr-e9-2024") {{ origins {{ code }} {USE} }} }}')["quota"]

    assert found["origins"] == []
    assert "open to all" in found["utilisation"]["reason"]


def test_people_are_divided_by_places_of_the_same_kind_scope_and_period(any_full: Asker) -> None:
    query = f"query ($r: String!) {{ quota(reference: $r) {{ places {USE} }} }}"
    people = sum(20 + month for month in range(1, 7)) * 2 + 40 + 11
    expected = {"comparable": True, "reason": None, "measure": "DEPARTED", "used": people}

    roomy = any_full(query, r="made-comparable")["quota"]["utilisation"]
    assert roomy == {**expected, "remaining": 400 - people, "share": pytest.approx(people / 400)}
    exceeded = any_full(query, r="made-exceeded")["quota"]["utilisation"]
    assert exceeded == {**expected, "remaining": 200 - people, "share": pytest.approx(people / 200)}
    assert exceeded["remaining"] < 0
    visas = any_full(query, r="made-visas")["quota"]["utilisation"]
    assert visas == {
        "comparable": True,
        "reason": None,
        "measure": "VISA_ISSUED",
        "used": 44,
        "remaining": 6,
        "share": pytest.approx(0.88),
    }


def test_a_later_decision_is_a_revision_of_the_same_quota(seeded_copy: sa.Engine) -> None:
    with changeset(seeded_copy, "A later decision.") as changes:
        words = [Cited("bmi-2024-09-15", note="More places.")]
        quotas.revise(changes, quota="kr-e9-2024", places=170_000, decided="2024-07", citations=words)
    found = Asker(seeded_copy)("""{ quota(reference: "kr-e9-2024") { places version citations { note }
        revisions { places decided { edtf } citations { source { reference } } } } quotas { totalCount } }""")

    assert (found["quota"]["places"], found["quota"]["version"]) == (170_000, 2)
    assert found["quota"]["citations"] == [{"note": "More places."}]
    (former,) = found["quota"]["revisions"]
    assert (former["places"], former["decided"]) == (165_000, {"edtf": "2023-12-01"})
    assert former["citations"] == [{"source": {"reference": "jejuweekly-6544"}}]
    assert found["quotas"]["totalCount"] == 34


def test_a_part_names_its_whole_and_its_scope(ask: Asker) -> None:
    found = ask("""{ quota(reference: "kr-e9-2025-manufacturing") { kind basis unit operator places condition
        partOf { reference partOf { reference } } sector { code } occupation { code } agreement { reference }
        country { code } period { edtf start end } } }""")["quota"]

    assert found["partOf"] == {"reference": "kr-e9-2025-sectors", "partOf": {"reference": "kr-e9-2025"}}
    assert found["period"] == {"edtf": "2025", "start": "2025-01-01", "end": "2025-12-31"}
    assert (found["sector"], found["occupation"], found["agreement"]) == ({"code": "C"}, None, None)
    assert (found["kind"], found["places"], found["unit"]) == ("CEILING", 72000, "PERSONS")


def test_years_are_their_days_each_once_and_numbers_that_are_no_years_have_none() -> None:
    found = [each.days() for each in years([2024, 0, -1, 1, 2024, 9999, 10_000])]
    assert found == [(date(year, 1, 1), date(year, 12, 31)) for year in (2024, 1, 9999)]
