"""Numbers as sources state them."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import BadInput, Conflict, NotFound
from registry.figures import FigureDestination, FigureMeasure, FigureNature
from registry.history import Changes
from tests.factories import make_country, make_figure


def test_a_number_keeps_its_digits(changes: Changes) -> None:
    figure = make_figure(
        changes, value=Decimal("16.20"), unit="per cent", measure=FigureMeasure.REMITTANCES_SHARE_OF_GDP
    )
    changes.session.expire(figure)

    assert str(figure.value) == "16.20"


def test_an_undetermined_window_stays_open(changes: Changes) -> None:
    figure = make_figure(changes, period="../..", note="In the past three years of an undated text.")

    assert (figure.period, figure.period_start, figure.period_end) == ("../..", None, None)


def test_a_reference_is_made_where_none_is_given(changes: Changes) -> None:
    make_figure(changes, reference="figure-3")

    made = [make_figure(changes).reference for _ in range(3)]

    assert len({*made, "figure-3"}) == 4
    with pytest.raises(Conflict):
        make_figure(changes, reference=made[0])


def test_destinations_keep_their_order(changes: Changes) -> None:
    make_country(changes, "RU")
    make_country(changes, "KZ")

    make_figure(changes, destinations=["RU", "KZ"], nature=FigureNature.STOCK)

    kept = changes.session.scalars(sa.select(FigureDestination).order_by(sa.text("position")))
    assert [one.country_code for one in kept] == ["RU", "KZ"]


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"value": Decimal("-1")}, BadInput, ("value",)),
        ({"value": Decimal("NaN")}, BadInput, ("value",)),
        ({"value": Decimal("1e12")}, BadInput, ("value",)),
        ({"period": "first half"}, BadInput, ("period",)),
        ({"destinations": ["XX"]}, BadInput, ("destinations", "0")),
        ({"company": "nobody"}, NotFound, ("company",)),
        ({"unit": ""}, BadInput, ("unit",)),
    ],
)
def test_a_wrong_figure_is_refused_at_its_field(
    changes: Changes, said: dict[str, Any], error: type[Exception], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as refused:
        make_figure(changes, **said)

    assert getattr(refused.value, "path", None) == path
