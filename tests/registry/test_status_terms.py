"""Terms, renewals, notices that stop them, and what falls due, each as a sentence."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from registry.codes import DeadlineKind
from registry.dates import FOREVER
from registry.status import HORIZON, ForceRule, Instrument, Renewal, assess
from tests.registry.status_cases import act, instrument, on, status, statuses

FORCE = act("ENTRY_INTO_FORCE", "2020-01-15")
TACIT: dict[str, Any] = {"duration_months": 60, "renewal": Renewal.TACIT, "renewal_months": 12, "notice_months": 6}
EXPRESS: dict[str, Any] = {"duration_months": 24, "renewal": Renewal.EXPRESS, "renewal_months": 12}
UNTIL_NOTICE: dict[str, Any] = {"duration_months": 24, "renewal": Renewal.UNTIL_NOTICE, "notice_months": 6}


def term(made: Instrument, day: str) -> tuple[str | None, str | None, int]:
    """The end, the last day for notice and the renewals on a day."""
    found = on(made, day)
    return (
        found.ends_on.isoformat() if found.ends_on else None,
        found.notice_by.isoformat() if found.notice_by else None,
        found.renewals,
    )


def due(made: Instrument) -> list[tuple[DeadlineKind, str]]:
    """What falls due under all acts together."""
    return [(one.kind, one.day.isoformat()) for one in assess(made).deadlines if one.known_until == FOREVER]


def due_on(made: Instrument, day: str) -> dict[tuple[str, str], str]:
    """What is shown as due on a legal day, without a range: each with the last sentence that explains it."""
    on = date.fromisoformat(day)
    return {
        (one.kind.value, one.day.isoformat()): one.explanation[-1].text
        for one in assess(made).deadlines
        if one.known_from <= on < one.known_until and one.current_from <= on <= one.day
    }


# The first term


def test_a_term_runs_through_the_day_before_the_same_day_of_the_month() -> None:
    made = instrument(FORCE, duration_months=12)
    assert statuses(made, "2021-01-14", "2021-01-15") == ["IN_FORCE", "EXPIRED"]
    assert term(made, "2021-01-14") == ("2021-01-14", None, 0)


def test_no_term_runs_before_force_after_the_end_or_without_duration() -> None:
    signed = act("SIGNATURE", "2020-01-01")
    made = instrument(signed, force_rule=ForceRule.ON_SIGNATURE, force_delay="P1M", duration_months=12)
    assert term(made, "2020-01-31") == (None, None, 0)
    assert term(made, "2020-02-01") == ("2021-01-31", None, 0)
    assert term(made, "2021-02-01") == (None, None, 0)
    assert term(instrument(FORCE), "2020-06-01") == (None, None, 0)


@pytest.mark.parametrize(
    ("force", "months", "last_day"),
    [
        ("2021-01-31", 1, "2021-02-27"),
        ("2024-01-31", 1, "2024-02-28"),
        ("2024-02-29", 12, "2025-02-27"),
        ("2024-02-29", 48, "2028-02-28"),
        ("2020-03-01", 12, "2021-02-28"),
        ("2020-12-31", 2, "2021-02-27"),
    ],
)
def test_months_are_clipped_to_the_end_of_a_shorter_month(force: str, months: int, last_day: str) -> None:
    assert term(instrument(act("ENTRY_INTO_FORCE", force), duration_months=months), force)[0] == last_day


def test_clipping_never_adds_up() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2021-01-31"), duration_months=1, renewal=Renewal.TACIT)
    assert term(made, "2021-02-28") == ("2021-03-30", "2021-03-30", 1)
    assert term(made, "2021-03-31") == ("2021-04-29", "2021-04-29", 2)


# Tacit renewal


def test_renewals_are_as_long_as_the_first_term_unless_the_text_says_otherwise() -> None:
    made = instrument(FORCE, duration_months=24, renewal=Renewal.TACIT)
    assert term(made, "2022-01-15") == ("2024-01-14", "2024-01-14", 1)


def test_tacit_terms_follow_one_another_without_end() -> None:
    made = instrument(FORCE, **TACIT)
    assert term(made, "2025-01-14") == ("2025-01-14", "2024-07-14", 0)
    assert term(made, "2025-01-15") == ("2026-01-14", "2025-07-14", 1)
    assert term(made, "2150-06-01") == ("2151-01-14", "2150-07-14", 126)


def test_notice_on_the_last_day_for_it_is_in_time_and_a_day_later_is_not() -> None:
    in_time = instrument(FORCE, act("NOTICE_RECEIVED", "2024-07-14", "DE"), **TACIT)
    assert statuses(in_time, "2024-07-14", "2025-01-14", "2025-01-15") == [
        "DENUNCIATION_PENDING",
        "DENUNCIATION_PENDING",
        "EXPIRED",
    ]
    too_late = instrument(FORCE, act("NOTICE_RECEIVED", "2024-07-15", "DE"), **TACIT)
    assert statuses(too_late, "2025-01-15", "2026-01-14", "2026-01-15") == [
        "DENUNCIATION_PENDING",
        "DENUNCIATION_PENDING",
        "EXPIRED",
    ]


def test_after_notice_no_further_renewal_begins() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-08-01"), **TACIT)
    assert term(made, "2026-01-14") == ("2026-01-14", "2025-07-14", 1)
    assert term(made, "2026-01-15") == (None, None, 1)


def test_without_a_period_of_notice_the_last_day_of_the_term_is_in_time() -> None:
    terms = TACIT | {"notice_months": None}
    made = instrument(FORCE, act("DENOUNCED", "2025-01-14"), **terms)
    assert status(made, "2025-01-15") == "EXPIRED"
    assert status(instrument(FORCE, act("DENOUNCED", "2025-01-15"), **terms), "2025-01-15") == "DENUNCIATION_PENDING"


def test_a_notice_before_force_stops_the_first_renewal() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2019-12-01"), **TACIT)
    assert statuses(made, "2019-12-15", "2020-01-15", "2025-01-15") == ["REPORTED", "DENUNCIATION_PENDING", "EXPIRED"]


def test_a_notice_revoked_before_the_term_ends_lets_the_next_begin() -> None:
    made = instrument(
        FORCE, act("NOTICE_RECEIVED", "2024-05-01", "DE"), act("NOTICE_REVOKED", "2025-01-14", "DE"), **TACIT
    )
    assert statuses(made, "2025-01-13", "2025-01-14", "2025-01-15") == ["DENUNCIATION_PENDING", "IN_FORCE", "IN_FORCE"]


def test_a_notice_revoked_after_the_term_ended_changes_nothing() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-05-01"), act("NOTICE_REVOKED", "2025-01-15"), **TACIT)
    assert status(made, "2025-01-15") == "EXPIRED"


def test_the_earlier_of_two_notices_stops_the_chain() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2025-09-01", "DE"), act("DENOUNCED", "2024-09-01", "UZ"), **TACIT)
    assert status(made, "2026-01-15") == "EXPIRED"


def test_a_notice_that_states_its_day_bites_on_it_even_against_tacit_terms() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-01-01", effective="2024-03-01"), **TACIT)
    assert statuses(made, "2024-02-29", "2024-03-01") == ["DENUNCIATION_PENDING", "TERMINATED"]


def test_where_no_force_day_is_known_tacit_terms_do_not_stop_a_notice() -> None:
    signed, notice = act("SIGNATURE", "2020-01-15"), act("NOTICE_RECEIVED", "2021-01-01")
    assert statuses(instrument(signed, notice, **TACIT), "2021-06-30", "2021-07-01") == ["SIGNED", "TERMINATED"]


# Express renewal and none


def test_a_term_ends_unless_the_parties_prolong_it() -> None:
    made = instrument(FORCE, **EXPRESS)
    assert statuses(made, "2022-01-14", "2022-01-15") == ["IN_FORCE", "EXPIRED"]


@pytest.mark.parametrize("kind", ["EXTENDED", "RENEWED_EXPRESSLY"])
@pytest.mark.parametrize("renewal", [Renewal.EXPRESS, Renewal.NONE])
def test_each_prolongation_adds_a_renewal_from_its_day_on(kind: str, renewal: Renewal) -> None:
    acts = (act(kind, "2021-06-01"), act(kind, "2023-01-15"))
    made = instrument(FORCE, *acts, duration_months=24, renewal=renewal, renewal_months=12)
    assert term(made, "2021-05-31") == ("2022-01-14", None, 0)
    assert term(made, "2021-06-01") == ("2023-01-14", None, 1)
    assert term(made, "2023-01-14") == ("2023-01-14", None, 1)
    assert term(made, "2023-01-15") == ("2024-01-14", None, 2)
    assert status(made, "2024-01-15") == "EXPIRED"


def test_a_prolongation_later_than_the_day_after_the_end_is_too_late() -> None:
    assert status(instrument(FORCE, act("EXTENDED", "2022-01-15"), **EXPRESS), "2022-01-15") == "IN_FORCE"
    late = instrument(FORCE, act("EXTENDED", "2022-01-16"), **EXPRESS)
    assert statuses(late, "2022-01-15", "2022-01-16", "2022-06-01") == ["EXPIRED"] * 3


def test_a_prolongation_to_a_named_day_ends_on_that_day() -> None:
    made = instrument(FORCE, act("EXTENDED", "2021-06-01", until="2022-06-30"), **EXPRESS)
    assert statuses(made, "2022-06-30", "2022-07-01") == ["IN_FORCE", "EXPIRED"]
    assert term(made, "2022-06-30") == ("2022-06-30", None, 1)


def test_a_renewal_after_a_named_day_is_counted_from_it() -> None:
    acts = (act("EXTENDED", "2021-06-01", until="2022-06-30"), act("RENEWED_EXPRESSLY", "2022-07-01"))
    assert term(instrument(FORCE, *acts, **EXPRESS), "2022-07-01") == ("2023-06-30", None, 2)


def test_a_prolongation_by_each_party_takes_effect_on_the_day_of_the_last() -> None:
    first, second = act("EXTENDED", "2021-06-01", "UZ"), act("EXTENDED", "2021-07-01", "DE")
    assert status(instrument(FORCE, first, **EXPRESS), "2022-01-15") == "EXPIRED"
    made = instrument(FORCE, first, second, **EXPRESS)
    assert term(made, "2021-06-30") == ("2022-01-14", None, 0)
    assert term(made, "2021-07-01") == ("2023-01-14", None, 1)


def test_a_prolongation_does_not_touch_tacit_terms() -> None:
    assert term(instrument(FORCE, act("EXTENDED", "2021-01-01", until="2040-01-01"), **TACIT), "2022-01-01") == (
        "2025-01-14",
        "2024-07-14",
        0,
    )


# Until notice


def test_after_the_first_term_it_runs_on_without_end() -> None:
    made = instrument(FORCE, **UNTIL_NOTICE)
    assert term(made, "2022-01-14") == ("2022-01-14", None, 0)
    assert term(made, "2022-01-15") == (None, None, 0)
    assert status(made, "2090-01-01") == "IN_FORCE"


def test_a_notice_does_not_bite_before_the_first_term_ends() -> None:
    early = instrument(FORCE, act("NOTICE_RECEIVED", "2020-06-01"), **UNTIL_NOTICE)
    assert statuses(early, "2022-01-14", "2022-01-15") == ["DENUNCIATION_PENDING", "TERMINATED"]
    late = instrument(FORCE, act("NOTICE_RECEIVED", "2023-06-01"), **UNTIL_NOTICE)
    assert statuses(late, "2023-11-30", "2023-12-01") == ["DENUNCIATION_PENDING", "TERMINATED"]


# The spans of terms


def test_spans_of_terms_run_from_force_to_the_end() -> None:
    spans = assess(instrument(FORCE, **EXPRESS)).terms
    assert [(span.from_day, span.until_day, span.ends_on) for span in spans] == [
        (date(2020, 1, 15), date(2022, 1, 15), date(2022, 1, 14))
    ]


def test_spans_of_tacit_terms_reach_the_horizon() -> None:
    spans = assess(instrument(FORCE, **TACIT)).terms
    assert spans[0].from_day == date(2020, 1, 15)
    assert spans[-1].from_day <= HORIZON < spans[-1].until_day
    assert all(span.until_day == later.from_day for span, later in pairwise(spans))


def test_an_end_by_other_means_ends_the_term_too() -> None:
    made = instrument(FORCE, act("TERMINATED_BY_CONSENT", "2021-05-01"), **TACIT)
    assert term(made, "2021-04-30") == ("2025-01-14", "2024-07-14", 0)
    assert term(made, "2021-05-01") == (None, None, 0)
    assert due(made) == []


# What falls due


def test_of_each_tacit_term_the_notice_and_the_end_fall_due() -> None:
    found = assess(instrument(FORCE, **TACIT)).deadlines
    assert [(one.kind, one.day.isoformat()) for one in found[:3]] == [
        (DeadlineKind.NOTICE_BEFORE_RENEWAL, "2024-07-14"),
        (DeadlineKind.TERM_END, "2025-01-14"),
        (DeadlineKind.NOTICE_BEFORE_RENEWAL, "2025-07-14"),
    ]
    assert {one.known_from for one in found} == {date(2020, 1, 15)}
    assert [one.current_from for one in found[:3]] == [date(2020, 1, 15), date(2020, 1, 15), date(2025, 1, 15)]
    assert found[-1].day <= HORIZON


@pytest.mark.parametrize(("months", "day"), [(12, "2026-01-14"), (18, "2026-07-14"), (24, "2026-01-14")])
def test_a_notice_as_long_as_a_renewal_is_listed_though_its_term_has_not_begun(months: int, day: str) -> None:
    made = instrument(FORCE, **TACIT | {"notice_months": months})
    notices = [due for kind, due in due_on(made, "2026-01-10") if kind == "NOTICE_BEFORE_RENEWAL"]
    assert notices == [day]


def test_of_notices_against_renewals_one_is_listed_at_a_time() -> None:
    made = instrument(FORCE, **TACIT | {"notice_months": 12})
    for day in ("2025-01-14", "2025-01-15", "2025-01-16", "2026-01-14", "2026-01-15"):
        (due,) = [due for kind, due in due_on(made, day) if kind == "NOTICE_BEFORE_RENEWAL"]
        assert due == min(by for by in (f"{year}-01-14" for year in range(2024, 2030)) if by >= day)


def test_what_falls_due_is_known_from_the_act_that_makes_it_certain() -> None:
    made = instrument(act("SIGNATURE", "2020-01-15"), force_rule=ForceRule.ON_SIGNATURE, force_delay="P3M", **EXPRESS)
    (one,) = assess(made).deadlines
    assert (one.known_from, one.current_from, one.day) == (date(2020, 1, 15), date(2020, 4, 15), date(2022, 4, 14))


def test_a_prolonged_term_falls_due_on_its_new_end() -> None:
    made = instrument(FORCE, act("EXTENDED", "2021-06-01"), **EXPRESS)
    assert due(made) == [(DeadlineKind.TERM_END, "2023-01-14")]
    before, after = assess(made).deadlines
    assert (before.day, before.known_until) == (date(2022, 1, 14), date(2021, 6, 1))
    assert after.known_from == date(2021, 6, 1)


def test_a_notice_in_time_is_the_last_thing_due() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-06-30"), **TACIT)
    assert due(made) == [(DeadlineKind.TERM_END, "2025-01-14"), (DeadlineKind.DENUNCIATION_TAKES_EFFECT, "2025-01-15")]


def test_a_revoked_notice_is_not_due_and_what_it_stopped_is_known_again_from_then() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-06-30"), act("NOTICE_REVOKED", "2024-09-01"), **TACIT)
    found = assess(made).deadlines
    assert DeadlineKind.DENUNCIATION_TAKES_EFFECT not in {kind for kind, _ in due(made)}
    known = [(one.known_from, one.known_until) for one in found if one.day == date(2026, 1, 14)]
    assert known == [(date(2020, 1, 15), date(2024, 6, 30)), (date(2024, 9, 1), FOREVER)]
    assert {"Notice received by {day} still prevents the tacit renewal of {renewed}"} <= set(
        due_on(made, "2024-06-29").values()
    )
    assert due_on(made, "2024-08-31") == {
        ("TERM_END", "2025-01-14"): "It is not renewed, as notice was received in time",
        ("DENUNCIATION_TAKES_EFFECT", "2025-01-15"): "First day without the instrument: {day}",
    }


def test_on_a_day_before_an_act_what_falls_due_is_what_it_was_without_it() -> None:
    renewed = "It is renewed tacitly for {months} unless notice is received by {day}"
    for act_ in (act("NOTICE_RECEIVED", "2024-06-30"), act("TERMINATED_BY_CONSENT", "2024-06-30")):
        found = due_on(instrument(FORCE, act_, **TACIT), "2023-01-01")
        assert found["TERM_END", "2025-01-14"] == renewed
        assert ("NOTICE_BEFORE_RENEWAL", "2024-07-14") in found
    prolonged = instrument(FORCE, act("EXTENDED", "2021-06-01"), **EXPRESS)
    assert list(due_on(prolonged, "2021-05-31")) == [("TERM_END", "2022-01-14")]
    assert list(due_on(prolonged, "2021-06-01")) == [("TERM_END", "2023-01-14")]


def test_what_is_due_without_a_range_is_the_term_that_runs() -> None:
    notice = act("NOTICE_RECEIVED", "2024-08-01")
    for made in (
        instrument(FORCE, act("EXTENDED", "2021-06-01"), act("EXTENDED", "2023-01-15"), **EXPRESS),
        instrument(FORCE, notice, act("NOTICE_REVOKED", "2024-09-01"), notice, **TACIT),
        instrument(act("EXTENDED", "2020-01-10"), FORCE, **EXPRESS),
    ):
        for day in ("2020-01-12", "2020-01-15", "2021-05-31", "2021-06-01", "2023-01-15", "2024-08-15", "2025-03-01"):
            ends = [end for kind, end in due_on(made, day) if kind == "TERM_END"]
            assert ends == [end for end in [term(made, day)[0]] if end]


def test_a_notice_is_not_due_where_the_instrument_ended_before_it_bit() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01"), act("TERMINATED_BY_CONSENT", "2021-06-01"))
    assert due(made) == []


def test_a_notice_is_due_on_the_first_day_without_the_instrument() -> None:
    assert due(instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01"))) == [
        (DeadlineKind.DENUNCIATION_TAKES_EFFECT, "2022-01-01")
    ]


# The arithmetic in words


def test_the_reason_spells_out_the_arithmetic_of_a_tacit_chain() -> None:
    reason = on(instrument(FORCE, **TACIT), "2026-06-01").reason
    assert [(message.text, dict(message.values)) for message in reason.explanation[-2:]] == [
        ("First term: {months}, until {day}", {"months": ["months", 60], "day": ["day", "2025-01-14"]}),
        (
            "As no notice was received by {day}, it was renewed tacitly after the first term, each time for {months}",
            {"months": ["months", 12], "day": ["day", "2024-07-14"]},
        ),
    ]


def test_the_reason_of_an_end_names_the_notice_that_brought_it() -> None:
    notice = act("NOTICE_RECEIVED", "2024-08-01")
    reason = on(instrument(FORCE, notice, **TACIT), "2026-01-15").reason
    assert reason.rule == "TERM_ENDED"
    assert reason.acts == (FORCE.id, notice.id)
    assert ["day", "2025-07-14"] in [message.values.get("day") for message in reason.explanation]
