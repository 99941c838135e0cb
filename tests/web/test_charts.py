"""The arithmetic of charts."""

from datetime import date
from typing import Any

from registry.web.pages import charts


def span(status: str, start: str | None, end: str | None, *possible: str) -> dict[str, Any]:
    return {"status": status, "possibleStatuses": list(possible) or [status], "from": start, "until": end}


LIFE = [
    span("NONE", None, "2020-01-01"),
    span("SIGNED", "2020-01-01", "2022-01-01"),
    span("IN_FORCE", "2022-01-01", None),
]


def test_an_axis_runs_over_whole_years_and_has_room_for_today() -> None:
    axis = charts.axis([LIFE], "2023-06-30")

    assert (axis.first, axis.last) == (date(2020, 1, 1), date(2024, 1, 1))
    assert (axis.at("2020-01-01"), axis.at("2024-01-01")) == (0, 100)
    assert (axis.at("1990-05-05"), axis.at("2090-05-05")) == (0, 100)


def test_stretches_fill_the_axis_from_the_first_act_to_its_end() -> None:
    stretches = charts.axis([LIFE], "2023-06-30").stretches(LIFE)

    assert [stretch.span["status"] for stretch in stretches] == ["SIGNED", "IN_FORCE"]
    assert stretches[0].x == 0
    assert abs(stretches[0].width + stretches[1].width - 100) < 0.05


def test_a_day_far_ahead_does_not_squeeze_the_present() -> None:
    bound = [span("IN_FORCE", "2020-01-01", "2999-01-01")]

    assert charts.axis([bound], "2023-06-30").last == date(2024, 1, 1)


def test_an_axis_without_anything_shows_the_year_of_the_day() -> None:
    axis = charts.axis([], "2023-06-30")

    assert (axis.first.year, axis.last.year) == (2023, 2024)


def test_marks_are_few_and_round() -> None:
    assert [year for year, _ in charts.Axis([date(1996, 5, 1), date(2026, 1, 1)]).years()] == [2000, 2010, 2020]
    assert [year for year, _ in charts.Axis([date(2023, 5, 1), date(2026, 1, 1)]).years()] == [2023, 2024, 2025, 2026]


def test_a_status_stands_since_the_first_day_of_the_stretch_that_the_day_is_in() -> None:
    assert charts.since(LIFE, "2021-12-31") == ("2020-01-01", True)
    assert charts.since(LIFE, "2022-01-01") == ("2022-01-01", True)
    assert charts.since(LIFE, "2019-01-01") is None
    assert charts.since([], "2022-01-01") is None


def test_a_status_that_may_have_begun_earlier_is_not_said_to_have_begun_on_the_day_it_is_certain_from() -> None:
    life = [span("UNKNOWN", None, "2026-01-29", "NONE", "IN_FORCE"), span("IN_FORCE", "2026-01-29", None)]

    assert charts.since(life, "2026-11-21") == ("2026-01-29", False)


def test_bars_are_measured_by_the_longest() -> None:
    assert charts.widths([1, 4, 0]) == [25, 100, 0]
    assert charts.widths([0, 0]) == [0, 0]
    assert charts.widths([]) == []


def upright(*labels: str, cycle: int = 1) -> charts.Chart:
    return charts.chart([(label, [("", 1)]) for label in labels], cycle=cycle)


def test_as_many_bars_are_labelled_as_their_labels_have_room() -> None:
    assert upright(*(str(year) for year in range(2015, 2021))).labelled() == 1
    assert upright(*(str(year) for year in range(2014, 2026))).labelled() == 2
    assert upright(*(f"{month:02}.2024" for month in range(1, 7))).labelled() == 2, "six of them would touch"
    assert upright(*(f"sentabr {number}, 2024-yil" for number in range(6))).labelled() == 3
    assert upright("a label longer than all the room that there is on a telephone", "another").labelled() == 2
    assert upright().labelled() == 1


def test_labels_come_at_the_same_places_of_each_round() -> None:
    months = [f"{month:02}.{year}" for year in range(2014, 2024) for month in range(1, 13)]

    assert [upright(*months[:some], cycle=12).labelled() for some in (5, 12, 24, 36, 120)] == [1, 3, 6, 12, 24]


def test_of_too_many_bars_the_largest_are_shown_by_their_size_and_the_others_are_counted() -> None:
    groups = [("a", [("", 1)]), ("b", [("", 2), ("", 2)]), ("c", [("", 3)])]

    shown = charts.chart(groups, 2)
    assert [(bar.label, bar.value) for bar in shown.bars] == [("b", 4), ("c", 3)]
    assert (shown.of, shown.top) == (3, 4)
    assert [bar.label for bar in charts.chart(groups, 3).bars] == ["a", "b", "c"]


def test_a_bar_of_nothing_has_its_place_and_no_parts() -> None:
    assert charts.chart([("2023", []), ("2024", [("", 5)])]).bars[0] == charts.Bar("2023", 0, ())
