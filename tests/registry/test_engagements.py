"""Dealings between countries, institutions and programmes."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from registry.access import Audience
from registry.engagements import EngagementCountry
from registry.errors import BadInput, NotFound
from registry.history import Changes
from tests.factories import make_agreement, make_country, make_engagement, make_institution, make_programme


def test_a_dealing_is_for_officials_unless_said_otherwise(changes: Changes) -> None:
    assert make_engagement(changes).audience is Audience.OFFICIAL
    assert make_engagement(changes, audience=Audience.PUBLIC).reference == "engagement-2"


def test_a_dealing_names_its_countries_in_order_and_its_agreement(changes: Changes) -> None:
    agreement = make_agreement(changes)
    make_country(changes, "LV")

    held = make_engagement(changes, countries=["UZ", "LV"], agreement="uz-de", date="XXXX-01-14", topics=["Work"])

    assert (held.agreement_id, held.date_earliest, held.date_latest) == (agreement.id, None, None)
    kept = changes.session.scalars(sa.select(EngagementCountry).order_by(sa.text("position")))
    assert [one.country_code for one in kept] == ["UZ", "LV"]


def test_a_list_that_is_not_paged_is_short(changes: Changes) -> None:
    with pytest.raises(BadInput, match="500") as refused:
        make_engagement(changes, topics=[f"topic {number}" for number in range(501)])

    assert refused.value.path == ("topics",)


def test_an_institution_follows_another_and_belongs_to_one(changes: Changes) -> None:
    make_country(changes, "UZ")
    cabinet, agency = make_institution(changes, "cabinet"), make_institution(changes, "old-agency")

    new = make_institution(changes, "agency", country="UZ", parent="cabinet", succeeds="old-agency")

    assert (new.parent_id, new.succeeds_id) == (cabinet.id, agency.id)
    with pytest.raises(NotFound) as refused:
        make_institution(changes, "other", succeeds="nobody")
    assert refused.value.path == ("succeeds",)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"amount": Decimal(500_000)}, "currency"),
        ({"currency": "UZS"}, "currency"),
        ({"amount": Decimal(1), "currency": "XXX"}, "currency"),
        ({"amount": Decimal(-1), "currency": "UZS"}, "amount"),
        ({"rate": 50.0}, "rate"),
        ({"description": ""}, "description"),
    ],
)
def test_a_wrong_programme_is_refused_at_its_field(changes: Changes, said: dict[str, Any], path: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_programme(changes, **said)

    assert refused.value.path == (path,)


def test_a_programme_keeps_its_amount_to_the_digit(changes: Changes) -> None:
    make_institution(changes, "fund")
    programme = make_programme(changes, provider="fund", amount=Decimal("500000.00"), currency="UZS", rate=0.5)
    changes.session.expire(programme)

    assert (str(programme.amount), programme.rate) == ("500000.00", 0.5)
