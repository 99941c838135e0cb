"""What a reason says of notices that end nothing, of ends that are ahead, and of what is only presumed."""

from typing import Any

import pytest

from registry.codes import Language
from registry.language import render
from registry.status import Bindingness, ForceRule, Instrument, InstrumentType, Renewal
from tests.registry.status_cases import act, instrument, on, status

FORCE = act("ENTRY_INTO_FORCE", "2020-01-15")
TACIT: dict[str, Any] = {"duration_months": 60, "renewal": Renewal.TACIT, "renewal_months": 12, "notice_months": 6}
THREE = ("UZ", "DE", "KZ")
NO_EFFECT = "This notice has no effect, as the text sets a duration and provides for no notice."
TAKEN_BACK = "This notice was taken back before it took effect."


def said(made: Instrument, day: str) -> str:
    """The explanation on a day, in English."""
    return render(on(made, day).reason.explanation, Language.EN)


# Notices that were taken back


def test_a_term_renewed_after_a_revoked_notice_is_not_said_to_be_renewed_for_want_of_any() -> None:
    received, revoked = act("NOTICE_RECEIVED", "2024-06-30", "DE"), act("NOTICE_REVOKED", "2024-12-01", "DE")
    made = instrument(FORCE, received, revoked, **TACIT)
    assert said(made, "2025-02-01").endswith(
        "Receipt of notice of termination (Germany): 30 June 2024. "
        f"Revocation of notice of termination (Germany): 1 December 2024. {TAKEN_BACK} "
        "First term: 60 months, until 14 January 2025. As no notice that stands was received by 14 July 2024, "
        "it was renewed tacitly after the first term, each time for 12 months."
    )
    reason = on(made, "2025-02-01").reason
    assert reason.acts == (FORCE.id, received.id, revoked.id)
    assert reason.authority == "VCLT art. 24; VCLT art. 68"


def test_where_no_notice_is_on_record_the_term_was_renewed_for_want_of_any() -> None:
    assert "As no notice was received by 14 July 2024" in said(instrument(FORCE, **TACIT), "2025-02-01")


def test_a_revoked_notice_is_told_from_the_day_of_its_revocation_on() -> None:
    revoked = act("NOTICE_REVOKED", "2021-05-01", "DE")
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01", "DE"), revoked)
    assert revoked.id not in on(made, "2021-04-30").reason.acts
    assert TAKEN_BACK not in said(made, "2021-04-30")
    assert TAKEN_BACK in said(made, "2021-05-01")


def test_a_revoked_notice_is_told_beside_one_that_stands_and_does_not_speak_for_it() -> None:
    received, revoked = act("NOTICE_RECEIVED", "2021-01-01", "DE"), act("NOTICE_REVOKED", "2021-02-01", "DE")
    standing = act("NOTICE_RECEIVED", "2021-03-01", "UZ")
    made = instrument(FORCE, received, revoked, standing)
    assert on(made, "2021-06-01").reason.acts == (standing.id, FORCE.id, received.id, revoked.id)
    assert on(made, "2021-06-01").reason.authority == "VCLT art. 56 (2); VCLT art. 68"
    assert said(made, "2021-06-01").count(TAKEN_BACK) == 1
    assert "First day without the instrument: 1 March 2022." in said(made, "2021-06-01")


# Notices without effect


def test_a_notice_against_a_set_duration_is_named_and_said_to_have_no_effect() -> None:
    notice = act("NOTICE_RECEIVED", "2021-01-01", "DE")
    made = instrument(FORCE, notice, duration_months=60)
    reason = on(made, "2021-06-01").reason
    assert f"Receipt of notice of termination (Germany): 1 January 2021. {NO_EFFECT}" in said(made, "2021-06-01")
    assert reason.acts == (FORCE.id, notice.id)
    assert reason.authority == "VCLT art. 24; VCLT art. 42 (2), 56 (1)"
    assert on(made, "2020-12-31").reason.acts == (FORCE.id,)


def test_a_notice_without_effect_is_told_while_it_is_only_signed_or_suspended() -> None:
    notice = act("DENOUNCED", "2021-01-01", "DE")
    signed = instrument(act("SIGNATURE", "2020-01-01"), notice, duration_months=60)
    suspended = instrument(FORCE, act("SUSPENDED", "2020-06-01"), notice, duration_months=60)
    for made in (signed, suspended):
        assert notice.id in on(made, "2021-06-01").reason.acts
        assert NO_EFFECT in said(made, "2021-06-01")


def test_where_a_notice_without_effect_may_have_been_taken_back_only_what_is_certain_is_told() -> None:
    notice, revoked = act("NOTICE_RECEIVED", "2021-01-01", "DE"), act("NOTICE_REVOKED", "2020/2021", "DE")
    made = instrument(FORCE, notice, revoked, duration_months=60)
    assert NO_EFFECT in said(made, "2022-06-01")
    assert TAKEN_BACK not in said(made, "2022-06-01")


@pytest.mark.parametrize(
    "made",
    [
        instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01", "DE"), parties=THREE),
        instrument(FORCE, act("DENOUNCED", "2021-01-01", "DE"), kind=InstrumentType.MULTILATERAL_INSTRUMENT),
    ],
)
def test_the_notice_of_one_of_several_is_named_and_said_to_leave_the_others_bound(made: Instrument) -> None:
    assert said(made, "2022-06-01").endswith(
        "This notice is that of one party and leaves the instrument as it is among the others."
    )
    assert len(on(made, "2022-06-01").reason.acts) == 2


def test_a_notice_given_is_told_to_wait_for_its_receipt_and_is_not_told_beside_it() -> None:
    given, received = act("NOTICE_GIVEN", "2021-01-15", "DE"), act("NOTICE_RECEIVED", "2021-02-01", "DE")
    made = instrument(FORCE, given, received)
    assert said(made, "2021-01-20").endswith("This notice counts only from the day on which it is received.")
    assert on(made, "2021-01-20").reason.acts == (FORCE.id, given.id)
    assert on(made, "2021-02-01").reason.acts == (received.id, FORCE.id)


def test_a_notice_that_could_only_stop_a_renewal_waits_for_a_term() -> None:
    terms = TACIT | {"notice_months": None}
    made = instrument(act("SIGNATURE", "2020-01-15"), act("NOTICE_RECEIVED", "2021-01-01"), **terms)
    assert status(made, "2021-06-01") == "SIGNED"
    assert said(made, "2021-06-01").endswith(
        "This notice can only prevent a tacit renewal, and no term is known to run yet."
    )


def test_an_instrument_that_does_not_bind_rests_on_no_article_for_a_revoked_notice() -> None:
    acts = (act("NOTICE_RECEIVED", "2021-01-01", effective="2022-01-01"), act("NOTICE_REVOKED", "2021-02-01"))
    made = instrument(act("SIGNATURE", "2020-01-01"), *acts, bindingness=Bindingness.NOT_BINDING)
    assert TAKEN_BACK in said(made, "2021-06-01")
    assert "VCLT" not in on(made, "2021-06-01").reason.authority


# Ends ahead


def test_of_two_notices_only_the_term_that_the_first_stops_is_said_to_be_the_last() -> None:
    first, second = act("NOTICE_RECEIVED", "2024-06-30", "DE"), act("NOTICE_RECEIVED", "2024-08-01", "UZ")
    made = instrument(FORCE, first, second, **TACIT)
    assert said(made, "2024-09-01").endswith(
        "Notice was received in time, the last day for it being 14 July 2024: the term that ends on 14 January 2025 "
        "is the last. First day without the instrument: 15 January 2025. It goes on until the notice takes effect."
    )
    assert said(made, "2024-09-01").count("is the last") == 1
    assert on(made, "2024-09-01").reason.acts == (first.id, second.id, FORCE.id)


def test_the_authority_is_that_of_the_notice_that_takes_effect_first() -> None:
    acts = (act("NOTICE_RECEIVED", "2024-06-30", "DE"), act("DENOUNCED", "2024-08-01", "UZ", effective="2024-12-01"))
    reason = on(instrument(FORCE, *acts, **TACIT), "2024-09-01").reason
    assert reason.authority == "notice as given; VCLT art. 67"


def test_where_the_term_ends_before_the_notice_takes_effect_the_reason_says_so() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2024-09-01", "DE"), duration_months=60, notice_months=12)
    assert said(made, "2024-10-01").endswith(
        "Under its text a notice takes effect after 12 months. Its term ends before the notice takes effect. "
        "Last day of the last term: 14 January 2025."
    )
    assert status(made, "2025-01-15") == "EXPIRED"


@pytest.mark.parametrize("acts", [(act("SIGNATURE", "2020-01-01"),), (FORCE, act("SUSPENDED", "2020-06-01"))])
def test_a_notice_that_is_to_end_what_is_signed_or_suspended_is_told(acts: tuple[Any, ...]) -> None:
    notice = act("DENOUNCED", "2021-01-01", "DE")
    made = instrument(*acts, notice, notice_months=6)
    assert notice.id in on(made, "2021-03-01").reason.acts
    assert "First day without the instrument: 1 July 2021." in said(made, "2021-03-01")


# What is presumed


def test_where_the_clause_is_unread_signature_is_only_presumed_not_to_be_enough() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"))
    assert said(made, "2020-06-01").endswith(
        "All parties have signed; how it enters into force is not known, "
        "and it is presumed that signature alone does not bring it into force."
    )
    assert on(made, "2020-06-01").reason.authority == "VCLT art. 12, 13; VCLT art. 24 (2)"


def test_where_the_text_asks_for_more_signature_is_said_not_to_be_enough() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), force_rule=ForceRule.ON_LAST_NOTIFICATION)
    assert said(made, "2020-06-01").endswith("signature alone does not bring it into force here.")
    assert on(made, "2020-06-01").reason.authority == "VCLT art. 12, 13"


def test_where_the_clause_is_unread_consent_of_all_is_only_presumed_to_be_needed() -> None:
    procedures = (act("INTERNAL_PROCEDURES_COMPLETED", "2020-01-01", party) for party in ("UZ", "DE"))
    assert said(instrument(*procedures), "2020-06-01").endswith(
        "How it enters into force is not known; it is presumed to take consent of all parties, which is not on record."
    )


@pytest.mark.parametrize(("kind", "rule"), [("SIGNATURE", "ON_SIGNATURE"), ("RATIFICATION", "ON_LAST_CONSENT")])
def test_where_only_the_day_is_ahead_nothing_is_said_to_lack_but_the_day(kind: str, rule: str) -> None:
    made = instrument(act(kind, "2020-01-01"), force_rule=ForceRule[rule], force_delay="P3M")
    explanation = said(made, "2020-02-01")
    assert "All that it takes is done, but its day has not come." in explanation
    assert "not bring it into force" not in explanation
    assert "Not all" not in explanation
    assert explanation.endswith("The day of entry into force is still ahead: 1 April 2020.")


# Terms that run on until notice


def test_an_entry_into_force_on_record_is_said_to_be_ahead_and_nothing_is_presumed() -> None:
    signed, entered = act("SIGNATURE", "2011-03-01"), act("ENTRY_INTO_FORCE", "2011-10-10")
    reason = on(instrument(signed, entered), "2011-09-20").reason
    assert (reason.rule, reason.acts, reason.missing) == ("SIGNATURE_OF_ALL", (signed.id, entered.id), ())
    assert reason.authority == "VCLT art. 12, 13; VCLT art. 24"
    assert [message.text for message in reason.explanation] == [
        *["{act}: {day}"] * 2,
        "Its entry into force is on record, and its day is still ahead: {day}",
    ]
    assert reason.explanation[-1].values == {"day": ["day", "2011-10-10"]}


def test_an_entry_into_force_ahead_is_told_as_exactly_as_its_source_tells_it() -> None:
    published, entered = act("PUBLISHED", "2011-03-01"), act("ENTRY_INTO_FORCE", "2012")
    reason = on(instrument(published, entered), "2011-09-20").reason
    assert (reason.rule, reason.missing) == ("OTHER_ACTS", ())
    assert reason.explanation[-1].values == {"day": ["edtf", "2012"]}


def test_a_notice_against_a_term_that_runs_on_until_notice_is_named_with_the_period_that_it_takes() -> None:
    notice = act("NOTICE_RECEIVED", "2026-01-01", "DE")
    made = instrument(FORCE, notice, duration_months=60, renewal=Renewal.UNTIL_NOTICE)
    assert said(made, "2025-12-31").endswith("After the first term it runs on until notice is given.")
    for day in ("2026-06-01", "2027-01-01"):
        explanation = said(made, day)
        assert "Receipt of notice of termination (Germany): 1 January 2026." in explanation
        assert "As its text sets no period of notice, a notice takes effect after 12 months." in explanation
        assert "First day without the instrument: 1 January 2027." in explanation
        assert "runs on until notice" not in explanation
        assert notice.id in on(made, day).reason.acts
        assert on(made, day).reason.authority == "VCLT art. 56 (2)"


def test_a_term_that_runs_on_after_a_revoked_notice_names_both() -> None:
    received, revoked = act("NOTICE_RECEIVED", "2026-01-01", "DE"), act("NOTICE_REVOKED", "2026-02-01", "DE")
    made = instrument(FORCE, received, revoked, duration_months=60, renewal=Renewal.UNTIL_NOTICE)
    assert on(made, "2026-06-01").reason.acts == (FORCE.id, received.id, revoked.id)
    assert TAKEN_BACK in said(made, "2026-06-01")
