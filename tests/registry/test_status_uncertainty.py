"""Imprecise days and sources that disagree: what is possible, what is certain, and what would have to be known."""

from datetime import date, timedelta
from typing import Any

import pytest

from registry.status import Act, AgreementStatus, ForceRule, Possible, Renewal, assess
from registry.status.choices import Budget, Choices
from registry.status.conceivable import conceivable
from registry.status.record import case_of
from tests.registry.status_cases import act, instrument, on, status, statuses

FORCE = act("ENTRY_INTO_FORCE", "2020-01-01")
TACIT: dict[str, Any] = {"duration_months": 60, "renewal": Renewal.TACIT, "renewal_months": 12, "notice_months": 6}


# One undecided act


def test_an_act_is_undecided_from_the_first_to_the_day_before_the_last_day_it_may_be() -> None:
    made = instrument(act("SIGNATURE", "2024-05"))
    assert statuses(made, "2024-04-30", "2024-05-01", "2024-05-30", "2024-05-31") == [
        "NONE",
        "UNKNOWN NONE SIGNED",
        "UNKNOWN NONE SIGNED",
        "SIGNED",
    ]


@pytest.mark.parametrize("mark", ["~", "?", "%"])
def test_marks_of_doubt_do_not_widen_a_day(mark: str) -> None:
    assert statuses(instrument(act("SIGNATURE", f"2024-05-01{mark}")), "2024-04-30", "2024-05-01") == ["NONE", "SIGNED"]


def test_an_open_beginning_reaches_back_for_ever_and_an_open_end_ahead() -> None:
    assert status(instrument(act("SIGNATURE", "../2024-05-01")), "0001-01-01") == "UNKNOWN NONE SIGNED"
    later = instrument(act("SIGNATURE", "2024-05-01/.."))
    assert statuses(later, "2024-04-30", "2024-05-01", "9999-12-30") == ["NONE", *["UNKNOWN NONE SIGNED"] * 2]


def test_an_unknown_year_leaves_every_day_open() -> None:
    assert status(instrument(act("SIGNATURE", "XXXX-01-14")), "2024-01-14") == "UNKNOWN NONE SIGNED"


def test_possible_statuses_come_in_the_order_of_the_enum() -> None:
    made = instrument(FORCE, act("DENOUNCED", "2021", effective="2021"), act("SUSPENDED", "2021"))
    assert status(made, "2021-06-01") == "UNKNOWN IN_FORCE DENUNCIATION_PENDING SUSPENDED TERMINATED"


def test_doubt_is_carried_through_delay_and_first_of_month() -> None:
    made = instrument(
        act("SIGNATURE", "2024-01"),
        force_rule=ForceRule.ON_SIGNATURE,
        force_delay="P15D",
        force_on_first_of_month=True,
    )
    assert statuses(made, "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01") == [
        "SIGNED",
        "UNKNOWN SIGNED IN_FORCE",
        "UNKNOWN SIGNED IN_FORCE",
        "IN_FORCE",
    ]


def test_doubt_is_carried_into_the_day_a_notice_bites() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01"), notice_months=3)
    assert statuses(made, "2021-01-31", "2021-04-01", "2021-04-29", "2021-04-30") == [
        "DENUNCIATION_PENDING",
        "UNKNOWN DENUNCIATION_PENDING TERMINATED",
        "UNKNOWN DENUNCIATION_PENDING TERMINATED",
        "TERMINATED",
    ]


def test_a_notice_round_the_last_day_for_it_leaves_the_renewal_open() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-06-20/2024-07-10"), **TACIT)
    assert statuses(made, "2024-12-31", "2025-01-01", "2026-01-01") == [
        "DENUNCIATION_PENDING",
        "UNKNOWN DENUNCIATION_PENDING EXPIRED",
        "EXPIRED",
    ]


def test_an_imprecise_effective_day_of_a_notice_is_a_doubt_of_its_own() -> None:
    notice = act("DENOUNCED", "2021-01-01", effective="2022")
    made = instrument(FORCE, notice)
    assert statuses(made, "2021-12-31", "2022-06-01", "2022-12-31") == [
        "DENUNCIATION_PENDING",
        "UNKNOWN DENUNCIATION_PENDING TERMINATED",
        "TERMINATED",
    ]
    (missing,) = on(made, "2022-06-01").reason.missing
    assert missing.values["day"] == ["edtf", "2022"]


def test_an_imprecise_last_day_of_a_prolongation_is_a_doubt_of_its_own() -> None:
    made = instrument(FORCE, act("EXTENDED", "2020-06-01", until="2022"), duration_months=12)
    assert statuses(made, "2021-12-31", "2022-01-01", "2022-01-02", "2022-12-31", "2023-01-01") == [
        "IN_FORCE",
        "IN_FORCE",
        "UNKNOWN IN_FORCE EXPIRED",
        "UNKNOWN IN_FORCE EXPIRED",
        "EXPIRED",
    ]


# More than one


def test_a_suspension_and_a_resumption_in_one_month_may_have_come_in_either_order() -> None:
    made = instrument(FORCE, act("SUSPENDED", "2021-03"), act("RESUMED", "2021-03"))
    assert statuses(made, "2021-02-28", "2021-03-15", "2021-04-01") == [
        "IN_FORCE",
        "UNKNOWN IN_FORCE SUSPENDED",
        "UNKNOWN IN_FORCE SUSPENDED",
    ]


def test_what_is_certain_of_two_undecided_acts_is_certain() -> None:
    made = instrument(act("RATIFICATION", "2021", "UZ"), act("RATIFICATION", "2020", "DE"))
    assert statuses(made, "2021-06-01", "2021-12-31") == ["UNKNOWN PARTLY_CONSENTED IN_FORCE", "IN_FORCE"]


def test_a_receipt_in_doubt_leaves_the_notice_given_in_doubt() -> None:
    made = instrument(FORCE, act("NOTICE_GIVEN", "2021-03"), act("NOTICE_RECEIVED", "2021-03"))
    assert status(made, "2021-04-01") == "DENUNCIATION_PENDING"
    assert status(made, "2021-03-15") == "UNKNOWN IN_FORCE DENUNCIATION_PENDING"


# One act told twice


def test_two_tellings_of_one_act_leave_the_days_that_both_allow() -> None:
    made = instrument(act("SIGNATURE", "2024"), act("SIGNATURE", "2024-05/2025-02"))
    assert statuses(made, "2024-04-30", "2024-05-01", "2024-12-31") == ["NONE", "UNKNOWN NONE SIGNED", "SIGNED"]


@pytest.mark.parametrize(
    "kind",
    ["SIGNATURE", "RATIFICATION", "ENTRY_INTO_FORCE", "INVALIDATED", "REPLACED", "EXPIRED", "TERMINATED_FOR_BREACH"],
)
def test_sources_that_exclude_each_other_are_each_tried_in_turn(kind: str) -> None:
    made = instrument(act("PROPOSED", "2019-01-01"), act(kind, "2020-01-01"), act(kind, "2020-03-01"))
    assert on(made, "2020-02-01").reason.rule == "SOURCES_DISAGREE"
    assert status(made, "2020-02-29").startswith("UNKNOWN PROPOSED")
    assert not status(made, "2020-03-01").startswith("UNKNOWN")


def test_acts_of_different_parties_or_kinds_are_different_acts() -> None:
    made = instrument(act("RATIFICATION", "2020-01-01", "UZ"), act("ACCEPTANCE", "2020-03-01", "UZ"))
    assert status(made, "2020-02-01") == "PARTLY_CONSENTED"
    made = instrument(act("ENTRY_INTO_FORCE", "2020-01-01", "UZ"), act("ENTRY_INTO_FORCE", "2020-03-01", "DE"))
    assert status(made, "2020-02-01") == "IN_FORCE"


@pytest.mark.parametrize("kind", ["NOTICE_RECEIVED", "DENOUNCED"])
def test_notices_may_come_more_than_once(kind: str) -> None:
    made = instrument(FORCE, act(kind, "2021-01-01"), act(kind, "2021-06-01"))
    assert statuses(made, "2021-03-01", "2022-01-01") == ["DENUNCIATION_PENDING", "TERMINATED"]


# Terms and days under doubt


def test_renewals_are_counted_as_far_as_certain() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2020-01"), **TACIT)
    assert [on(made, day).renewals for day in ("2025-01-15", "2025-01-31", "2026-01-31")] == [0, 1, 2]
    assert on(made, "2024-06-01").ends_on is None


def test_no_terms_run_by_the_text_before_an_entry_into_force_on_record() -> None:
    signed, entered = act("SIGNATURE", "2010-02-01"), act("ENTRY_INTO_FORCE", "2010-03-01/2012-06-30")
    year: dict[str, Any] = {"duration_months": 12, "renewal": Renewal.TACIT, "force_rule": ForceRule.ON_SIGNATURE}
    made = instrument(signed, entered, **year)
    assert statuses(made, "2010-02-28", "2011-06-01", "2012-06-30") == ["SIGNED", "UNKNOWN SIGNED IN_FORCE", "IN_FORCE"]
    assert [on(made, day).renewals for day in ("2012-03-01", "2012-06-29", "2013-06-30")] == [0, 0, 1]
    assert assess(made).terms[0].from_day >= date(2012, 6, 30)
    assert assess(made).deadlines == ()


def test_a_term_is_told_where_all_choices_agree_on_it() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2020-01-01"), act("SUSPENDED", "2021"), duration_months=60)
    assert on(made, "2021-06-01").ends_on == date(2024, 12, 31)


def test_the_days_of_signature_and_force_are_known_by_their_bounds() -> None:
    made = instrument(act("SIGNATURE", "2020-01"), force_rule=ForceRule.ON_SIGNATURE, force_delay="P1M")
    timeline = assess(made)
    assert timeline.signed is not None
    assert timeline.force is not None
    assert (timeline.signed.earliest, timeline.signed.latest) == (date(2020, 1, 1), date(2020, 1, 31))
    assert (timeline.force.earliest, timeline.force.latest) == (date(2020, 2, 1), date(2020, 2, 29))


def test_an_end_on_a_day_not_known_cuts_off_the_days_of_force_behind_it() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2020"), act("TERMINATED_BY_CONSENT", "2020-03/2020-06"))
    assert assess(made).force == Possible(date(2020, 1, 1), date(2020, 6, 29))
    signed = instrument(act("SIGNATURE", "2000-04"), act("EXPIRED", "../2000-05"), force_rule=ForceRule.ON_SIGNATURE)
    assert assess(signed).force == Possible(date(2000, 4, 1), date(2000, 4, 30))


def test_an_entry_into_force_without_a_last_day_has_none_though_terms_are_set() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2000/.."), duration_months=24)
    assert assess(made).force == Possible(date(2000, 1, 1), date.max)


def test_the_days_of_force_are_bounded_however_many_acts_bring_it() -> None:
    parties = [f"{first}{second}" for first in "ABCD" for second in "ABCD"]
    notes = (act("NOTE_RECEIVED", "2006", party) for party in parties)
    made = instrument(*notes, parties=parties, force_rule=ForceRule.ON_LAST_NOTIFICATION)
    assert assess(made).force == Possible(date(2006, 1, 1), date(2006, 12, 31))


def test_nothing_uncertain_falls_due() -> None:
    assert assess(instrument(act("ENTRY_INTO_FORCE", "2020-01"), **TACIT)).deadlines == ()
    certain = assess(instrument(FORCE, act("SUSPENDED", "2021"), duration_months=60)).deadlines
    assert [due.day for due in certain] == [date(2024, 12, 31)]


YEARLY: dict[str, Any] = {"duration_months": 12, "renewal": Renewal.TACIT}


def test_a_day_on_which_terms_end_by_either_of_two_sources_falls_due() -> None:
    told = act("ENTRY_INTO_FORCE", "2020-03-01"), act("ENTRY_INTO_FORCE", "2021-03-01")
    made = instrument(*told, notice_months=3, **YEARLY)
    assert on(made, "2026-01-01").ends_on == date(2026, 2, 28)
    due = {(due.kind.value, due.day) for due in assess(made).deadlines}
    assert {("TERM_END", date(2026, 2, 28)), ("NOTICE_BEFORE_RENEWAL", date(2025, 11, 28))} <= due


def test_a_last_day_for_notice_is_told_though_the_renewal_may_begin_on_either_of_two_days() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2023-03-30/2023-03-31"), notice_months=1, **YEARLY)
    assert (on(made, "2024-01-01").ends_on, on(made, "2024-01-01").notice_by) == (None, date(2024, 2, 29))
    (due,) = [due for due in assess(made).deadlines if due.day == date(2024, 2, 29)]
    assert [message.text for message in due.explanation] == [
        "It is renewed tacitly for {months} unless notice is received by {day}"
    ]


def test_terms_that_end_on_one_day_by_the_first_and_the_last_of_the_force_days_only_are_not_certain() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2006"), duration_months=60, renewal=Renewal.TACIT, renewal_months=12)
    assert {span.notice_by for span in assess(made).terms} == {None}


def test_of_what_falls_due_so_much_is_said_as_every_choice_of_days_gives() -> None:
    force, notice = act("ENTRY_INTO_FORCE", "2020-01-15"), act("NOTICE_RECEIVED", "2024-07")
    shown = {
        on: [
            (due.kind.value, due.day, [message.text for message in due.explanation])
            for due in assess(instrument(force, notice, **TACIT)).deadlines
            if due.known_from <= date.fromisoformat(on) < due.known_until and due.day < date(2026, 1, 14)
        ]
        for on in ("2024-06-30", "2024-07-10", "2024-08-01")
    }
    last_day = "Last day of the term: {day}"
    renewed = "It is renewed tacitly for {months} unless notice is received by {day}"
    assert shown["2024-06-30"][1] == ("TERM_END", date(2025, 1, 14), [last_day, renewed])
    for day in ("2024-07-10", "2024-08-01"):
        assert shown[day] == [("TERM_END", date(2025, 1, 14), [last_day])]


def test_a_notice_that_falls_due_is_told_as_exactly_as_its_source_tells_it() -> None:
    made = instrument(FORCE, act("DENOUNCED", "2021", effective="2022-01-01"))
    (due,) = assess(made).deadlines
    assert (due.day, due.explanation[0].values["day"]) == (date(2022, 1, 1), ["edtf", "2021"])


# What would have to be known


def test_the_reason_names_the_act_whose_day_is_lacking() -> None:
    signed, ratified = act("SIGNATURE", "2019"), act("RATIFICATION", "2021-05", "DE")
    reason = on(instrument(signed, ratified, act("RATIFICATION", "2020-01-01", "UZ")), "2021-05-10").reason
    assert (reason.rule, reason.acts) == ("UNDECIDED_ACTS", (ratified.id,))
    assert [(message.text, dict(message.values)) for message in reason.missing] == [
        (
            "The exact day is not known: {act} ({country}), {day}",
            {"act": ["act", "RATIFICATION"], "country": ["country", "DE"], "day": ["edtf", "2021-05"]},
        )
    ]


def test_a_certain_status_has_the_reason_of_its_rule_though_days_are_not_known() -> None:
    reason = on(instrument(act("ENTRY_INTO_FORCE", "../2026-01-20")), "2026-06-01").reason
    assert reason.rule == "ENTRY_INTO_FORCE"
    assert reason.explanation[0].values["day"] == ["edtf", "../2026-01-20"]


# Too many choices


def many() -> tuple[Act, ...]:
    kinds = ("NOTICE_RECEIVED", "NOTICE_REVOKED")
    return tuple(act(kinds[number % 2], f"20{21 + number % 3}") for number in range(14))


def test_with_too_many_choices_a_superset_is_told_and_the_reason_says_so() -> None:
    made = instrument(FORCE, *many())
    reason = on(made, "2022-06-01").reason
    assert status(made, "2022-06-01") == "UNKNOWN IN_FORCE DENUNCIATION_PENDING TERMINATED"
    assert "not every combination was tried" in reason.explanation[-1].text


def test_a_superset_keeps_to_what_is_certain() -> None:
    made = instrument(FORCE, *many(), act("EXPIRED", "2022-01-01"))
    assert status(made, "2022-06-01") == "UNKNOWN TERMINATED EXPIRED"


def test_suspensions_and_resumptions_are_told_exactly_however_many() -> None:
    kinds = ("SUSPENDED", "RESUMED")
    made = instrument(FORCE, *(act(kinds[number % 2], f"20{21 + number % 3}") for number in range(20)))
    choices = Choices(case_of(made))
    for day, expected in (("2020-12-31", 1), ("2022-06-01", 2), ("2024-01-01", 2)):
        assert len(choices.possible_on(date.fromisoformat(day))) == expected
    assert not choices.capped


GIVEN_AND_RECEIVED = [("NOTICE_GIVEN", "2012-03", "UZ"), ("NOTICE_RECEIVED", "2012", "UZ")]


@pytest.mark.parametrize(
    ("entered", "others", "last"),
    [
        ("200X", [("NOTICE_GIVEN", "2012", "UZ"), ("NOTICE_RECEIVED", "2012", "UZ")], "EXPIRED"),
        ("../2010-05-01", GIVEN_AND_RECEIVED, "EXPIRED"),
        ("2006/2007", GIVEN_AND_RECEIVED, "EXPIRED"),
        ("200X", [("NOTICE_RECEIVED", "2012", "UZ"), ("NOTICE_REVOKED", "2012", "UZ")], "IN_FORCE EXPIRED"),
    ],
)
def test_three_imprecise_acts_leave_nothing_possible_that_is_not(
    entered: str, others: list[tuple[str, str, str]], last: str
) -> None:
    made = instrument(act("ENTRY_INTO_FORCE", entered), *(act(*told) for told in others), **TACIT)
    timeline = assess(made)
    assert timeline.spans[-1].possible == tuple(AgreementStatus[status] for status in last.split())
    assert "not every" not in str([span.reason for span in timeline.reasons])


def test_a_notice_without_a_last_day_may_be_pending_in_any_of_very_many_terms() -> None:
    entered = act("ENTRY_INTO_FORCE", "2000", "UZ"), act("ENTRY_INTO_FORCE", "../2005-07", "DE")
    made = instrument(*entered, act("NOTICE_RECEIVED", "2006/.."), act("NOTICE_REVOKED", "2002"), **YEARLY)
    assert status(made, "2010-03-07") == "UNKNOWN IN_FORCE DENUNCIATION_PENDING EXPIRED"


def test_a_superset_admits_a_prolongation_that_ended_before_force() -> None:
    prolonged, entered = act("EXTENDED", "2000", until="2000-07-07"), act("ENTRY_INTO_FORCE", "2002-04-26")
    made = instrument(prolonged, entered, duration_months=36)
    assert statuses(made, "2000-12-30", "2001-06-01") == ["UNKNOWN NONE EXPIRED", "EXPIRED"]


def test_what_is_possible_does_not_depend_on_the_order_in_which_days_are_asked_for() -> None:
    notices = (act(*told) for told in GIVEN_AND_RECEIVED)
    case = case_of(instrument(act("ENTRY_INTO_FORCE", "200X"), *notices, **TACIT))
    forth, back = Choices(case), Choices(case)
    days = [date(year, month, 15) for year in range(2012, 2022) for month in range(1, 13)]
    told = [set(forth.possible_on(day)) for day in days]
    assert [set(back.possible_on(day)) for day in reversed(days)] == told[::-1]
    assert forth.capped == back.capped


def test_once_all_acts_are_certain_more_worlds_are_tried_than_on_the_days_before() -> None:
    days = [date(2000, 1, 1) + timedelta(number) for number in range(5000)]
    budget = Budget(days)
    assert budget.on(days[-2]) < budget.on(days[-1]) == Budget(days[:1]).on(days[0])


def test_a_superset_admits_nothing_that_certain_acts_exclude() -> None:
    signed = act("SIGNATURE", "2000")
    notices = act("NOTICE_GIVEN", "2002/.."), act("NOTICE_RECEIVED", "2005/..", "UZ")
    terms: dict[str, Any] = {"force_rule": ForceRule.ON_SIGNATURE, "force_delay": "P1M"}
    made = instrument(signed, *notices, parties=("UZ",), **terms, duration_months=36, renewal=Renewal.TACIT)
    told = conceivable(case_of(made), date(2010, 6, 1))
    assert {str(one) for one in told} == {"IN_FORCE", "DENUNCIATION_PENDING", "EXPIRED", "TERMINATED"}


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([("SIGNATURE", None)], {"SIGNED"}),
        ([("SIGNATURE", "UZ")], {"PARTLY_SIGNED", "SIGNED"}),
        ([("SIGNATURE", "UZ"), ("SIGNATURE", "DE"), ("INITIALLED", None)], {"SIGNED"}),
        ([("SIGNATURE_AD_REFERENDUM", None), ("NEGOTIATIONS_ABANDONED", None)], {"PARTLY_SIGNED"}),
        ([("APPROVAL", "UZ"), ("SIGNATURE", None)], {"PARTLY_CONSENTED"}),
        ([("SIGNATURE", None), ("NON_PARTY_INTENT", "UZ")], {"SIGNED", "ABANDONED"}),
        ([("ENTRY_INTO_FORCE", None), ("NOTICE_RECEIVED", None)], {"TERMINATED"}),
        ([("RATIFICATION", "UZ"), ("RATIFICATION", "DE")], {"IN_FORCE"}),
    ],
)
def test_certain_acts_leave_behind_what_comes_before_them(
    acts: list[tuple[str, str | None]], expected: set[str]
) -> None:
    made = instrument(*(act(kind, "2020-01", party) for kind, party in acts))
    assert {str(one) for one in conceivable(case_of(made), date(2022, 1, 1))} == expected


NOTES = (act("NOTE_RECEIVED", "2006", "UZ"), act("NOTE_RECEIVED", "2006", "DE"))
LAST_NOTE: dict[str, Any] = {"force_rule": ForceRule.ON_LAST_NOTIFICATION, **TACIT}


def test_five_acts_known_to_the_year_are_told_exactly() -> None:
    entered, notice = act("ENTRY_INTO_FORCE", "2006"), act("NOTICE_RECEIVED", "2015", "DE")
    made = instrument(act("SIGNATURE", "2005"), *NOTES, entered, notice, **LAST_NOTE)
    assert statuses(made, "2014-12-31", "2015-12-31", "2017-12-31", "2026-11-30") == [
        "IN_FORCE",
        "UNKNOWN DENUNCIATION_PENDING EXPIRED",
        *["EXPIRED"] * 2,
    ]


def test_a_notice_in_tacit_terms_never_terminates_whatever_brought_force() -> None:
    entered, notice = act("ENTRY_INTO_FORCE", "2006"), act("NOTICE_RECEIVED", "2015", "DE")
    made = instrument(entered, notice, act("NOTE_RECEIVED", "2006"), **LAST_NOTE)
    assert not any("TERMINATED" in span.possible for span in assess(made).spans)
    assert "not every" not in str([span.reason for span in assess(made).reasons])


def test_notices_given_and_revoked_in_one_year_are_told_exactly() -> None:
    entered, first, last = (
        act(*told) for told in (("ENTRY_INTO_FORCE", "2006"), ("NOTICE_RECEIVED", "2012"), ("NOTICE_RECEIVED", "2015"))
    )
    made = instrument(entered, first, act("NOTICE_REVOKED", "2012"), last, **LAST_NOTE)
    choices = Choices(case_of(made))
    day = date(2014, 12, 31)
    assert {str(status) for status in choices.possible_on(day)} == {"IN_FORCE", "EXPIRED"}
    assert [str(status) for status in choices.possible_on(date(2026, 11, 30))] == ["EXPIRED"]
    assert not choices.capped


def test_many_undecided_acts_that_no_rule_tells_apart_cost_nothing() -> None:
    made = instrument(FORCE, *(act("JOINT_COMMITTEE_MET", str(year)) for year in range(1990, 2020)))
    choices = Choices(case_of(made))
    assert [status.value for status in choices.possible_on(date(2005, 6, 1))] == ["REPORTED"]
    assert not choices.capped
