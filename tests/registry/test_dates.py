"""Dates as precise as their source, and the arithmetic of months."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import dates
from registry.dates import BEGINNING, FOREVER, Duration, add_days, add_months, day_after, day_before, parse_edtf
from registry.errors import BadInput

DAYS = st.dates()
YEARS = st.integers(1, 9999)
MONTHS = st.integers(1, 12)
MARKS = st.sampled_from(["", "~", "?", "%"])


@given(DAYS, MARKS)
def test_a_day_is_certain_whatever_its_mark(day: date, mark: str) -> None:
    parsed = parse_edtf(day.isoformat() + mark)
    assert (parsed.edtf, parsed.earliest, parsed.latest) == (day.isoformat() + mark, day, day)


@given(YEARS, MONTHS, MARKS)
def test_a_month_begins_on_its_first_day_and_ends_on_its_last(year: int, month: int, mark: str) -> None:
    last = date(year, month, monthrange(year, month)[1])
    for text in (f"{year:04}-{month:02}{mark}", f"{year:04}-{month:02}-XX{mark}"):
        parsed = parse_edtf(text)
        assert (parsed.earliest, parsed.latest) == (date(year, month, 1), last)


@given(YEARS, MARKS)
def test_a_year_runs_from_january_to_december(year: int, mark: str) -> None:
    for text in (f"{year:04}{mark}", f"{year:04}-XX{mark}", f"{year:04}-XX-XX{mark}"):
        parsed = parse_edtf(text)
        assert (parsed.earliest, parsed.latest) == (date(year, 1, 1), date(year, 12, 31))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("202X", date(2020, 1, 1), date(2029, 12, 31)),
        ("20XX", date(2000, 1, 1), date(2099, 12, 31)),
        ("199X~", date(1990, 1, 1), date(1999, 12, 31)),
        ("2023-02-XX", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_unspecified_digits_stand_for_all_that_they_may_be(text: str, earliest: date, latest: date) -> None:
    parsed = parse_edtf(text)
    assert (parsed.earliest, parsed.latest) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024-01-05/2024-03-01", date(2024, 1, 5), date(2024, 3, 1)),
        ("2024-01-05/2024-01-05", date(2024, 1, 5), date(2024, 1, 5)),
        ("2024/2025", date(2024, 1, 1), date(2025, 12, 31)),
        ("2024-02/2025", date(2024, 2, 1), date(2025, 12, 31)),
        ("2024/2024-06", date(2024, 1, 1), date(2024, 6, 30)),
        ("2024-06/2024", date(2024, 6, 1), date(2024, 12, 31)),
        ("2024~/2024-06?", date(2024, 1, 1), date(2024, 6, 30)),
        ("201X/2024-05-XX", date(2010, 1, 1), date(2024, 5, 31)),
        ("../2026-01-20", None, date(2026, 1, 20)),
        ("/2026-01", None, date(2026, 1, 31)),
        ("2026-01/..", date(2026, 1, 1), None),
        ("2026%/", date(2026, 1, 1), None),
        ("../..", None, None),
    ],
)
def test_an_interval_reaches_from_the_first_day_of_its_start_to_the_last_of_its_end(
    text: str, earliest: date | None, latest: date | None
) -> None:
    parsed = parse_edtf(text)
    assert (parsed.edtf, parsed.earliest, parsed.latest) == (text, earliest, latest)


@pytest.mark.parametrize("text", ["XXXX-01-14", "XXXX-02-29", "XXXX-11", "XXXX", "XXXX-01-14~"])
def test_a_date_in_an_unknown_year_is_unbounded_both_ways(text: str) -> None:
    parsed = parse_edtf(text)
    assert (parsed.earliest, parsed.latest) == (None, None)


@given(DAYS, DAYS)
def test_an_interval_of_days_is_refused_just_where_it_ends_before_it_begins(first: date, second: date) -> None:
    text = f"{first.isoformat()}/{second.isoformat()}"
    if second < first:
        with pytest.raises(BadInput, match="ends before it begins"):
            parse_edtf(text)
    else:
        assert (parse_edtf(text).earliest, parse_edtf(text).latest) == (first, second)


def test_a_month_before_the_starting_month_ends_before_it_begins() -> None:
    with pytest.raises(BadInput, match="ends before it begins"):
        parse_edtf("2024-06/2024-03")


REFUSED = {
    "seasons and other parts of years": ["2024-21", "2024-24", "2024-33", "2024-41"],
    "times": ["2024-01-05T10:00", "2024-01-05T10:00:00Z", "2024-01-05 10:00"],
    "years that the calendar lacks": ["-0044", "-2024-01-05", "0000", "0000-01-01", "000X", "00XX", "Y17000", "12024"],
    "days that do not exist": [
        "2023-02-29",
        "2024-04-31",
        "2024-00",
        "2024-13",
        "2024-01-00",
        "2024-01-32",
        "1900-02-29",
    ],
    "days that exist in no year": ["XXXX-02-30", "XXXX-13", "XXXX-00-01", "XXXX-11-00"],
    "other spellings of ISO 8601": ["20240105", "202401", "2024-W05", "2024-W05-1", "2024-015", "24-01-05"],
    "missing digits": ["2024-1-5", "2024-1", "202", "2024-", "2024-01-"],
    "level 2 of EDTF": ["2024-~05", "?2024-05", "2024?-05", "2024-05~-01", "1XXX", "2XXX", "202X-05", "156X-12-25"],
    "digits unspecified not from the right": ["2024-XX-05", "20X4", "X024", "2024-X5", "2024-0X", "2024-05-1X"],
    "unknown years that say nothing more": ["XXXX-XX", "XXXX-XX-XX", "XXXX-11-XX", "XXXX-XX-05"],
    "unknown years in intervals": ["XXXX-01-14/2024", "2024/XXXX", "../XXXX"],
    "sets": ["[2023,2024]", "{2023,2024}", "[2023..2024]", "2023,2024"],
    "more than one mark": ["2024?~", "2024~~", "2024%?"],
    "intervals with nothing in them": [
        "/",
        "..",
        "/..",
        "../",
        "2024/2025/2026",
        "2024//2025",
        "..2024",
        "2024..",
        "../2024/..",
    ],
    "blanks": ["", " ", " 2024", "2024 ", "2024 / 2025", "2024-01-05\n", "2024\n/2025"],
    "digits of other scripts": ["\u0662\u0660\u0662\u0664", "\uff12\uff10\uff12\uff14-01"],
    "words": ["unknown", "May 2024", "05.01.2024", "01/05/2024", "2024xx", "202x", "xxxx-01-14"],
}


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in REFUSED.items() for text in texts])
def test_anything_else_is_refused_with_the_accepted_forms(what: str, text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_edtf(text)
    assert refusal.value.hint is not None, what
    assert "2024-XX" in refusal.value.hint
    assert "../2024-09-15" in refusal.value.hint


def test_every_form_that_the_hint_names_is_accepted() -> None:
    for form in dates.ACCEPTED_FORMS.replace(",", " ").replace(";", " ").split():
        if any(character.isdigit() for character in form):
            assert parse_edtf(form).edtf == form


def test_a_refusal_does_not_repeat_an_endless_text() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_edtf("2024" * 10_000)
    assert len(refusal.value.message) < 200


@given(st.text(alphabet="0129X-/.~?% ", max_size=21))
def test_whatever_is_accepted_has_its_bounds_in_order(text: str) -> None:
    try:
        parsed = parse_edtf(text)
    except BadInput:
        return
    assert parsed.edtf == text
    if parsed.earliest and parsed.latest:
        assert parsed.earliest <= parsed.latest


@given(DAYS, st.integers(-1000, 1000))
def test_months_are_counted_by_the_calendar_and_clipped_to_the_end_of_the_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    if moved in (BEGINNING, FOREVER):
        return
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == min(day.day, monthrange(moved.year, moved.month)[1])


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(9999, 12, 1), 0, date(9999, 12, 1)),
        (date(9999, 12, 1), 1, FOREVER),
        (date(1, 1, 20), -1, BEGINNING),
        (date(2024, 1, 1), 10**9, FOREVER),
    ],
)
def test_months_added_at_the_edges(day: date, months: int, moved: date) -> None:
    assert add_months(day, months) == moved


@given(DAYS, st.integers(0, 400))
def test_days_are_added_as_the_calendar_has_them(day: date, days: int) -> None:
    if (FOREVER - day).days >= days:
        assert add_days(day, days) == day + timedelta(days)
        assert add_days(add_days(day, days), -days) == day
    else:
        assert add_days(day, days) == FOREVER


def test_the_ends_of_the_calendar_have_no_neighbours_beyond() -> None:
    assert day_after(FOREVER) == FOREVER
    assert day_before(BEGINNING) == BEGINNING
    assert day_after(date(2024, 2, 28)) == date(2024, 2, 29)
    assert day_before(date(2024, 3, 1)) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("P30D", date(2011, 10, 10)),
        ("P1M", date(2011, 10, 10)),
        ("P1M15D", date(2011, 10, 25)),
        ("P2W", date(2011, 9, 24)),
        ("P1Y6M", date(2013, 3, 10)),
        ("P3Y", date(2014, 9, 10)),
        ("P0D", date(2011, 9, 10)),
        ("P999999Y", FOREVER),
        ("P999999D", date(2011, 9, 10) + timedelta(999_999)),
        ("P999999W", FOREVER),
    ],
)
def test_a_delay_is_counted_from_its_day(text: str, day: date) -> None:
    assert dates.parse_duration(text).after(date(2011, 9, 10)) == day


def test_months_of_a_delay_are_added_and_clipped_before_its_days() -> None:
    assert Duration(months=1, days=1).after(date(2023, 1, 31)) == date(2023, 3, 1)
    assert Duration(months=1, days=1).before(date(2023, 3, 31)) == date(2023, 2, 27)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "30D",
        "P1",
        "PT1H",
        "P1DT1H",
        "P1.5M",
        "P-1M",
        "-P1M",
        "P1D1M",
        "p30d",
        "P 30D",
        "P30D\n",
        "P1234567D",
        "+P1D",
    ],
)
def test_a_length_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        dates.parse_duration(text)


def test_an_exact_day_is_its_own_bounds() -> None:
    assert dates.exact(date(2024, 9, 15)) == parse_edtf("2024-09-15")
