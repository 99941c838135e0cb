"""The rules of status, each as a sentence, where every day is known."""

from typing import Any

import pytest

from registry.status import Act, Bindingness, ForceRule, InstrumentType, Renewal, assess
from registry.status.kinds import LegalActKind
from tests.registry.status_cases import act, instrument, on, status, statuses

FORCE = act("ENTRY_INTO_FORCE", "2020-01-01")
THREE = ("UZ", "DE", "KZ")
CONSENTS = [
    "RATIFICATION",
    "ACCEPTANCE",
    "APPROVAL",
    "ACCESSION",
    "SUCCESSION",
    "NOTE_RECEIVED",
    "INSTRUMENTS_EXCHANGED",
]


# Which acts count


def test_an_instrument_without_any_act_is_reported_on_every_day() -> None:
    assert statuses(instrument(), "0001-01-01", "2024-01-01", "9999-12-31") == ["REPORTED"] * 3


def test_before_its_first_act_an_instrument_is_nothing() -> None:
    assert statuses(instrument(act("PROPOSED", "2020-05-01")), "2020-04-30", "2020-05-01") == ["NONE", "PROPOSED"]


def test_an_act_counts_from_its_effective_day() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2020-05-01", effective="2020-07-01"))
    assert statuses(made, "2020-06-30", "2020-07-01") == ["NONE", "IN_FORCE"]


def test_a_notice_counts_from_its_date_and_bites_on_its_effective_day() -> None:
    made = instrument(FORCE, act("DENOUNCED", "2021-01-01", "DE", effective="2021-03-01"))
    assert statuses(made, "2020-12-31", "2021-01-01", "2021-02-28", "2021-03-01") == [
        "IN_FORCE",
        "DENUNCIATION_PENDING",
        "DENUNCIATION_PENDING",
        "TERMINATED",
    ]


def test_acts_that_tell_nothing_of_its_state_leave_it_reported() -> None:
    made = instrument(act("PUBLISHED", "2020-01-01"), act("JOINT_COMMITTEE_MET", "2021-01-01"))
    assert status(made, "2021-06-01") == "REPORTED"


# Acts of all


def test_one_signature_without_a_party_is_that_of_all() -> None:
    assert status(instrument(act("SIGNATURE", "2020-01-01")), "2020-01-01") == "SIGNED"


def test_all_have_signed_on_the_day_of_the_last() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01", "UZ"), act("EXCHANGE_OF_NOTES", "2020-02-01", "DE"))
    assert statuses(made, "2020-01-31", "2020-02-01") == ["PARTLY_SIGNED", "SIGNED"]


def test_with_fewer_than_two_parties_on_record_no_party_signs_for_all() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01", "DE"), parties=("DE",))
    assert status(made, "2020-06-01") == "PARTLY_SIGNED"


def test_in_a_multilateral_instrument_the_parties_on_record_are_not_all() -> None:
    signatures = (act("SIGNATURE", "2020-01-01", "UZ"), act("SIGNATURE", "2020-01-01", "DE"))
    made = instrument(*signatures, kind=InstrumentType.MULTILATERAL_INSTRUMENT)
    assert status(made, "2020-06-01") == "PARTLY_SIGNED"


def test_termination_by_consent_needs_all() -> None:
    first, second = act("TERMINATED_BY_CONSENT", "2021-01-01", "UZ"), act("TERMINATED_BY_CONSENT", "2021-02-01", "DE")
    assert status(instrument(FORCE, first), "2022-01-01") == "IN_FORCE"
    assert statuses(instrument(FORCE, first, second), "2021-01-31", "2021-02-01") == ["IN_FORCE", "TERMINATED"]


@pytest.mark.parametrize(
    "kind", ["INVALIDATED", "TERMINATED_FOR_BREACH", "REPLACED", "EXPIRED", "DENOUNCED", "NOTICE_RECEIVED", "SUSPENDED"]
)
def test_what_one_of_three_parties_ends_or_suspends_leaves_the_rest_as_it_is(kind: str) -> None:
    assert status(instrument(FORCE, act(kind, "2021-01-01", "DE"), parties=THREE), "2030-01-01") == "IN_FORCE"
    assert status(instrument(FORCE, act(kind, "2021-01-01", "DE")), "2030-01-01") != "IN_FORCE"
    assert status(instrument(FORCE, act(kind, "2021-01-01"), parties=THREE), "2030-01-01") != "IN_FORCE"


def test_all_of_three_parties_can_end_it_by_consent_one_by_one() -> None:
    ends = [act("TERMINATED_BY_CONSENT", f"2021-0{month}-01", party) for month, party in enumerate(THREE, 1)]
    assert statuses(instrument(FORCE, *ends, parties=THREE), "2021-02-28", "2021-03-01") == ["IN_FORCE", "TERMINATED"]


# Rules 1 and 2: ends


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("INVALIDATED", "INVALIDATED"),
        ("TERMINATED_BY_CONSENT", "TERMINATED"),
        ("TERMINATED_FOR_BREACH", "TERMINATED"),
        ("REPLACED", "REPLACED"),
        ("EXPIRED", "EXPIRED"),
    ],
)
def test_the_day_of_an_end_act_is_the_first_without_the_instrument(kind: str, expected: str) -> None:
    assert statuses(instrument(FORCE, act(kind, "2021-06-01")), "2021-05-31", "2021-06-01") == ["IN_FORCE", expected]


def test_an_end_counts_whether_or_not_force_is_on_record() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), act("REPLACED", "2021-01-01"))
    assert statuses(made, "2020-12-31", "2021-01-01") == ["SIGNED", "REPLACED"]


def test_the_earliest_end_decides_for_good() -> None:
    made = instrument(FORCE, act("EXPIRED", "2021-01-01"), act("TERMINATED_BY_CONSENT", "2021-02-01"))
    assert status(made, "2025-01-01") == "EXPIRED"


def test_invalidity_goes_before_an_earlier_end() -> None:
    made = instrument(FORCE, act("EXPIRED", "2021-01-01"), act("INVALIDATED", "2022-01-01"))
    assert statuses(made, "2021-12-31", "2022-01-01") == ["EXPIRED", "INVALIDATED"]


@pytest.mark.parametrize(
    ("kinds", "rule"),
    [
        (("TERMINATED_FOR_BREACH", "TERMINATED_BY_CONSENT"), "TERMINATED_BY_CONSENT"),
        (("REPLACED", "TERMINATED_FOR_BREACH"), "TERMINATED_FOR_BREACH"),
        (("EXPIRED", "REPLACED"), "REPLACED"),
    ],
)
def test_of_ends_on_one_day_the_first_in_the_list_decides(kinds: tuple[str, str], rule: str) -> None:
    made = instrument(FORCE, *(act(kind, "2021-01-01") for kind in kinds))
    assert on(made, "2021-01-01").reason.rule == rule


def test_a_notice_that_bites_goes_before_an_end_of_term_on_the_same_day() -> None:
    notice = act("DENOUNCED", "2020-06-01", effective="2021-01-01")
    assert status(instrument(FORCE, notice, duration_months=12), "2021-01-01") == "TERMINATED"


# Notices


def test_a_notice_given_counts_only_where_its_receipt_is_not_on_record() -> None:
    given, received = act("NOTICE_GIVEN", "2021-01-01", "DE"), act("NOTICE_RECEIVED", "2021-02-01", "DE")
    assert status(instrument(FORCE, given, notice_months=3), "2021-04-01") == "TERMINATED"
    made = instrument(FORCE, given, received, notice_months=3)
    assert statuses(made, "2021-01-15", "2021-02-01", "2021-04-30", "2021-05-01") == [
        "IN_FORCE",
        "DENUNCIATION_PENDING",
        "DENUNCIATION_PENDING",
        "TERMINATED",
    ]


def test_a_receipt_before_the_notice_was_given_is_of_another() -> None:
    made = instrument(
        FORCE,
        act("NOTICE_RECEIVED", "2020-12-01"),
        act("NOTICE_REVOKED", "2020-12-02"),
        act("NOTICE_GIVEN", "2021-01-01"),
    )
    assert statuses(made, "2020-12-31", "2021-01-01", "2022-01-01") == [
        "IN_FORCE",
        "DENUNCIATION_PENDING",
        "TERMINATED",
    ]


def test_a_notice_bites_after_the_period_of_its_text() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-31", "DE"), notice_months=1)
    assert statuses(made, "2021-02-27", "2021-02-28") == ["DENUNCIATION_PENDING", "TERMINATED"]


def test_a_notice_against_a_set_duration_without_a_notice_clause_has_no_effect() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01"), duration_months=60)
    assert statuses(made, "2021-06-01", "2022-01-01", "2025-01-01") == ["IN_FORCE", "IN_FORCE", "EXPIRED"]


def test_a_notice_revoked_before_it_bites_is_undone() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01", "DE"), act("NOTICE_REVOKED", "2021-05-01", "DE"))
    assert statuses(made, "2021-04-30", "2021-05-01", "2022-01-01") == ["DENUNCIATION_PENDING", "IN_FORCE", "IN_FORCE"]


def test_a_revocation_by_the_other_party_or_too_late_undoes_nothing() -> None:
    notice = act("NOTICE_RECEIVED", "2021-01-01", "DE")
    for revoked in (
        act("NOTICE_REVOKED", "2021-05-01", "UZ"),
        act("NOTICE_REVOKED", "2022-01-01", "DE"),
        act("NOTICE_REVOKED", "2020-12-31", "DE"),
    ):
        assert status(instrument(FORCE, notice, revoked), "2022-01-01") == "TERMINATED"


def test_a_revocation_without_a_party_undoes_the_notice_of_any() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01", "DE"), act("NOTICE_REVOKED", "2021-12-31"))
    assert status(made, "2022-06-01") == "IN_FORCE"


def test_a_notice_ends_an_instrument_whose_force_is_not_on_record() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), act("DENOUNCED", "2021-01-01", "DE"))
    assert statuses(made, "2021-06-01", "2022-01-01") == ["SIGNED", "TERMINATED"]


# Rules 3 to 5: in force


def test_suspension_lasts_until_resumed() -> None:
    made = instrument(FORCE, act("SUSPENDED", "2021-01-01"), act("RESUMED", "2022-01-01"))
    assert statuses(made, "2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01") == [
        "IN_FORCE",
        "SUSPENDED",
        "SUSPENDED",
        "IN_FORCE",
    ]


def test_what_is_resumed_on_the_day_of_suspension_goes_on() -> None:
    made = instrument(FORCE, act("SUSPENDED", "2021-01-01"), act("RESUMED", "2021-01-01"))
    assert status(made, "2021-06-01") == "IN_FORCE"


def test_a_second_suspension_needs_a_resumption_of_its_own() -> None:
    made = instrument(
        FORCE, act("SUSPENDED", "2021-01-01"), act("RESUMED", "2021-02-01"), act("SUSPENDED", "2021-03-01")
    )
    assert statuses(made, "2021-02-15", "2021-03-15") == ["IN_FORCE", "SUSPENDED"]


def test_terms_run_on_during_suspension() -> None:
    made = instrument(FORCE, act("SUSPENDED", "2020-06-01"), duration_months=12)
    assert statuses(made, "2020-12-31", "2021-01-01") == ["SUSPENDED", "EXPIRED"]


def test_suspension_goes_before_a_pending_denunciation() -> None:
    made = instrument(FORCE, act("DENOUNCED", "2021-01-01"), act("SUSPENDED", "2021-02-01"))
    assert statuses(made, "2021-01-15", "2021-03-01", "2022-01-01") == [
        "DENUNCIATION_PENDING",
        "SUSPENDED",
        "TERMINATED",
    ]


def test_the_earliest_entry_into_force_counts_of_whatever_party() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2020-05-01"), act("ENTRY_INTO_FORCE", "2020-03-01", "DE"))
    assert statuses(made, "2020-02-29", "2020-03-01") == ["NONE", "IN_FORCE"]


def test_signature_alone_does_not_bring_a_treaty_into_force() -> None:
    assert status(instrument(act("SIGNATURE", "2020-01-01")), "2030-01-01") == "SIGNED"


def test_signature_brings_it_into_force_where_the_text_says_so() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), force_rule=ForceRule.ON_SIGNATURE)
    assert status(made, "2020-01-01") == "IN_FORCE"


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (ForceRule.ON_LAST_NOTIFICATION, "NOTE_RECEIVED"),
        (ForceRule.ON_EXCHANGE_OF_INSTRUMENTS, "INSTRUMENTS_EXCHANGED"),
        *((ForceRule.ON_LAST_CONSENT, kind) for kind in CONSENTS),
        *((ForceRule.NOT_KNOWN, kind) for kind in CONSENTS),
    ],
)
def test_the_act_that_the_text_asks_for_brings_it_into_force(rule: ForceRule, kind: str) -> None:
    made = instrument(act(kind, "2020-01-01", "UZ"), act(kind, "2020-02-01", "DE"), force_rule=rule)
    assert statuses(made, "2020-01-31", "2020-02-01") == ["PARTLY_CONSENTED", "IN_FORCE"]


@pytest.mark.parametrize(
    "rule", [ForceRule.ON_LAST_NOTIFICATION, ForceRule.ON_EXCHANGE_OF_INSTRUMENTS, ForceRule.ON_FIXED_DATE]
)
def test_another_act_than_the_text_asks_for_does_not(rule: ForceRule) -> None:
    assert status(instrument(act("RATIFICATION", "2020-01-01"), force_rule=rule), "2030-01-01") == "PARTLY_CONSENTED"


def test_parties_may_consent_in_different_ways() -> None:
    made = instrument(act("RATIFICATION", "2020-01-01", "UZ"), act("ACCEPTANCE", "2020-02-01", "DE"))
    assert statuses(made, "2020-01-31", "2020-02-01") == ["PARTLY_CONSENTED", "IN_FORCE"]


def test_internal_procedures_are_not_consent() -> None:
    procedures = (act("INTERNAL_PROCEDURES_COMPLETED", "2020-01-01", party) for party in ("UZ", "DE"))
    assert status(instrument(*procedures), "2030-01-01") == "PARTLY_CONSENTED"


def test_the_delay_is_added_before_the_first_of_the_following_month() -> None:
    note = act("NOTE_RECEIVED", "2020-01-15")
    made = instrument(note, force_rule=ForceRule.ON_LAST_NOTIFICATION, force_delay="P30D", force_on_first_of_month=True)
    assert statuses(made, "2020-02-29", "2020-03-01") == ["PARTLY_CONSENTED", "IN_FORCE"]


def test_the_first_of_the_following_month_is_taken_even_from_a_first() -> None:
    made = instrument(act("SIGNATURE", "2020-02-01"), force_rule=ForceRule.ON_SIGNATURE, force_on_first_of_month=True)
    assert statuses(made, "2020-02-29", "2020-03-01") == ["SIGNED", "IN_FORCE"]


def test_an_act_of_entry_into_force_goes_before_the_rule_of_the_text() -> None:
    made = instrument(
        act("SIGNATURE", "2020-02-01"),
        act("ENTRY_INTO_FORCE", "2020-04-01"),
        force_rule=ForceRule.ON_SIGNATURE,
        force_delay="P1Y",
    )
    assert statuses(made, "2020-03-31", "2020-04-01") == ["SIGNED", "IN_FORCE"]


RATIFIED = (
    act("SIGNATURE", "2011-03-01"),
    act("RATIFICATION", "2011-05-01", "UZ"),
    act("RATIFICATION", "2011-09-10", "DE"),
)


def test_an_entry_into_force_on_record_leaves_no_room_for_presuming_an_earlier_one() -> None:
    made = instrument(*RATIFIED, act("ENTRY_INTO_FORCE", "2011-10-10"))
    assert statuses(made, "2011-09-10", "2011-10-09", "2011-10-10") == [*["PARTLY_CONSENTED"] * 2, "IN_FORCE"]
    force = assess(made).force
    assert force is not None
    assert force.earliest.isoformat() == "2011-10-10"


def test_what_enters_into_force_later_has_not_run_out_before() -> None:
    terms: dict[str, Any] = {"force_rule": ForceRule.ON_SIGNATURE, "duration_months": 12}
    made = instrument(act("SIGNATURE", "2020-01-01"), act("ENTRY_INTO_FORCE", "2021-06-01"), **terms)
    assert [span.status.value for span in assess(made).spans] == ["NONE", "SIGNED", "IN_FORCE", "EXPIRED"]
    assert statuses(made, "2021-05-31", "2022-05-31", "2022-06-01") == ["SIGNED", "IN_FORCE", "EXPIRED"]


def test_a_notice_before_an_entry_into_force_on_record_never_wakes_the_dead() -> None:
    tacit: dict[str, Any] = {"duration_months": 12, "renewal": Renewal.TACIT, "force_rule": ForceRule.ON_SIGNATURE}
    notice, entered = act("NOTICE_RECEIVED", "2020-06-01", "DE"), act("ENTRY_INTO_FORCE", "2021-06-01")
    made = instrument(act("SIGNATURE", "2020-01-01"), notice, entered, **tacit)
    assert [span.status.value for span in assess(made).spans] == ["NONE", "SIGNED", "DENUNCIATION_PENDING", "EXPIRED"]


def test_before_any_act_has_come_an_entry_into_force_ahead_makes_nothing_of_it() -> None:
    assert status(instrument(act("ENTRY_INTO_FORCE", "2021-06-01")), "2021-05-31") == "NONE"


# Rules 6 to 16: before force


def test_a_party_that_will_not_become_bound_ends_hopes_between_two() -> None:
    signed, intent = act("SIGNATURE", "2020-01-01"), act("NON_PARTY_INTENT", "2021-01-01", "DE")
    assert statuses(instrument(signed, intent), "2020-12-31", "2021-01-01") == ["SIGNED", "ABANDONED"]
    assert status(instrument(signed, intent, parties=THREE), "2021-01-01") == "SIGNED"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("SIGNATURE", "SIGNED"),
        ("RATIFICATION", "PARTLY_CONSENTED"),
        ("PROVISIONAL_APPLICATION_START", "PROVISIONALLY_APPLIED"),
    ],
)
def test_a_later_act_of_that_party_takes_its_intent_back(kind: str, expected: str) -> None:
    base = (act("SIGNATURE", "2020-01-01"), act("NON_PARTY_INTENT", "2021-01-01", "DE"))
    assert status(instrument(*base, act(kind, "2022-01-01", "DE")), "2022-01-01") == expected
    assert status(instrument(*base, act(kind, "2022-01-01", "UZ")), "2022-01-01") == "ABANDONED"


def test_what_each_party_signs_takes_back_the_intent_of_all() -> None:
    base = (act("SIGNATURE", "2020-01-01"), act("NON_PARTY_INTENT", "2021-01-01"), act("SIGNATURE", "2022-01-01", "UZ"))
    made = instrument(*base, act("RATIFICATION", "2022-02-01", "DE"), force_rule=ForceRule.ON_FIXED_DATE)
    assert statuses(made, "2022-01-31", "2022-02-01") == ["ABANDONED", "PARTLY_CONSENTED"]
    assert status(instrument(*base, act("SIGNATURE", "2021-01-01", "DE")), "2022-02-01") == "ABANDONED"


def test_provisional_application_lasts_until_its_end() -> None:
    made = instrument(
        act("SIGNATURE", "2020-01-01"),
        act("PROVISIONAL_APPLICATION_START", "2020-02-01"),
        act("PROVISIONAL_APPLICATION_END", "2020-03-01"),
    )
    assert statuses(made, "2020-01-31", "2020-02-01", "2020-03-01") == ["SIGNED", "PROVISIONALLY_APPLIED", "SIGNED"]


def test_consent_of_all_is_not_force_while_the_force_day_is_ahead() -> None:
    made = instrument(act("RATIFICATION", "2020-01-01"), force_rule=ForceRule.ON_LAST_CONSENT, force_delay="P3M")
    assert statuses(made, "2020-03-31", "2020-04-01") == ["PARTLY_CONSENTED", "IN_FORCE"]


def test_signature_ad_referendum_waits_for_confirmation() -> None:
    assert status(instrument(act("SIGNATURE_AD_REFERENDUM", "2020-01-01")), "2020-06-01") == "PARTLY_SIGNED"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("PROPOSED", "PROPOSED"),
        ("DISCUSSIONS_HELD", "UNDER_DISCUSSION"),
        ("NEGOTIATIONS_OPENED", "UNDER_NEGOTIATION"),
        ("NEGOTIATIONS_CONCLUDED", "UNDER_NEGOTIATION"),
        ("FULL_POWERS", "UNDER_NEGOTIATION"),
        ("ADOPTED", "UNDER_NEGOTIATION"),
        ("INITIALLED", "INITIALLED"),
    ],
)
def test_each_step_towards_signature_has_its_status(kind: str, expected: str) -> None:
    proposed = act("PROPOSED", "2019-01-01")
    step, given_up = act(kind, "2020-01-01"), act("NEGOTIATIONS_ABANDONED", "2020-01-01")
    assert status(instrument(proposed, step), "2020-01-01") == expected
    assert status(instrument(proposed, step, given_up), "2020-01-01") == "ABANDONED"


def test_negotiations_given_up_do_not_undo_a_signature() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), act("NEGOTIATIONS_ABANDONED", "2021-01-01"))
    assert status(made, "2022-01-01") == "SIGNED"


def test_what_is_neither_begun_nor_given_up_again_stays_abandoned() -> None:
    made = instrument(act("NEGOTIATIONS_ABANDONED", "2020-01-01"), act("PUBLISHED", "2021-01-01"))
    assert status(made, "2022-01-01") == "ABANDONED"


# Instruments that do not bind


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ((), "OPERATIVE"),
        ((act("SUSPENDED", "2021-01-01"),), "PAUSED"),
        ((act("DENOUNCED", "2021-01-01", effective="2031-01-01"),), "OPERATIVE"),
        ((act("DENOUNCED", "2021-01-01"),), "DISCONTINUED"),
        ((act("TERMINATED_BY_CONSENT", "2021-01-01"),), "DISCONTINUED"),
        ((act("INVALIDATED", "2021-01-01"),), "DISCONTINUED"),
        ((act("EXPIRED", "2021-01-01"),), "EXPIRED"),
        ((act("REPLACED", "2021-01-01"),), "REPLACED"),
    ],
)
def test_an_instrument_that_does_not_bind_never_says_in_force(acts: tuple[Act, ...], expected: str) -> None:
    made = instrument(act("SIGNATURE", "2020-01-01"), *acts, bindingness=Bindingness.NOT_BINDING)
    assert status(made, "2021-01-01") == expected


def test_provisional_application_of_what_does_not_bind_is_operation() -> None:
    made = instrument(act("PROVISIONAL_APPLICATION_START", "2020-01-01"), bindingness=Bindingness.NOT_BINDING)
    assert status(made, "2020-01-01") == "OPERATIVE"


def test_a_notice_against_what_does_not_bind_keeps_the_period_of_its_text() -> None:
    made = instrument(
        act("SIGNATURE", "2020-01-01"),
        act("NOTICE_RECEIVED", "2021-01-01"),
        bindingness=Bindingness.NOT_BINDING,
        notice_months=2,
    )
    assert statuses(made, "2021-02-28", "2021-03-01") == ["OPERATIVE", "DISCONTINUED"]


@pytest.mark.parametrize("bindingness", [Bindingness.MIXED, Bindingness.UNASSESSED])
def test_what_is_not_assessed_as_not_binding_follows_the_law_of_treaties(bindingness: Bindingness) -> None:
    assert status(instrument(FORCE, bindingness=bindingness), "2021-01-01") == "IN_FORCE"


# Reasons


def test_every_kind_of_act_gives_a_status_with_a_reason() -> None:
    for kind in LegalActKind:
        found = on(instrument(act(kind.value, "2020-01-01")), "2020-01-01")
        assert found.reason.rule
        assert found.reason.authority
        assert found.reason.explanation


def test_a_reason_names_the_acts_it_rests_on() -> None:
    signed, published = act("SIGNATURE", "2020-01-01"), act("PUBLISHED", "2020-02-01")
    assert on(instrument(signed, published), "2021-01-01").reason.acts == (signed.id,)


def test_what_a_signed_treaty_lacks_is_named() -> None:
    signed, ratified = act("SIGNATURE", "2020-01-01"), act("RATIFICATION", "2020-03-01", "UZ")
    reason = on(instrument(signed, ratified), "2021-01-01").reason
    assert reason.acts == (signed.id, ratified.id)
    assert [(message.text, dict(message.values)) for message in reason.missing] == [
        ("No act of entry into force is on record", {}),
        ("How the text says it enters into force is not known", {}),
        ("Consent is not on record: {country}", {"country": ["country", "DE"]}),
    ]


def test_signature_and_force_are_days_of_their_own() -> None:
    made = instrument(act("SIGNATURE", "2020-01-01", "UZ"), act("SIGNATURE", "2020-02-01", "DE"), FORCE)
    timeline = assess(made)
    assert timeline.signed is not None
    assert timeline.force is not None
    assert timeline.signed.earliest.isoformat() == timeline.signed.latest.isoformat() == "2020-02-01"
    assert timeline.force.earliest.isoformat() == timeline.force.latest.isoformat() == "2020-01-01"


def test_what_ended_before_it_began_never_was_in_force() -> None:
    made = instrument(
        act("RATIFICATION", "2020-01-01"),
        act("TERMINATED_BY_CONSENT", "2020-02-01"),
        force_rule=ForceRule.ON_LAST_CONSENT,
        force_delay="P3M",
    )
    assert assess(made).force is None
    assert status(made, "2021-01-01") == "TERMINATED"


def test_what_was_void_before_it_began_never_was_in_force() -> None:
    ratified, void = act("RATIFICATION", "2020-01-01"), act("INVALIDATED", "2020-02-01")
    assert assess(instrument(ratified, void, force_rule=ForceRule.ON_LAST_CONSENT, force_delay="P3M")).force is None
    later = instrument(ratified, act("INVALIDATED", "2020-05-01"), force_rule=ForceRule.ON_LAST_CONSENT)
    assert assess(later).force is not None


def test_until_notice_without_duration_needs_only_the_period_of_notice() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01"), renewal=Renewal.UNTIL_NOTICE, notice_months=6)
    assert statuses(made, "2021-06-30", "2021-07-01") == ["DENUNCIATION_PENDING", "TERMINATED"]


# Notices of two parties


def test_the_notice_of_one_party_is_not_the_receipt_of_the_other_ones() -> None:
    given, other = act("NOTICE_GIVEN", "2021-01-01", "UZ"), act("NOTICE_RECEIVED", "2025-01-01", "DE")
    made = instrument(FORCE, given, other, notice_months=12)
    assert statuses(made, "2021-12-31", "2022-01-01", "2025-06-01") == ["DENUNCIATION_PENDING", *["TERMINATED"] * 2]


@pytest.mark.parametrize(("giver", "receipt"), [("UZ", "UZ"), (None, "DE"), ("UZ", None)])
def test_a_notice_given_counts_from_its_receipt_which_may_name_no_party(giver: str | None, receipt: str | None) -> None:
    given, received = act("NOTICE_GIVEN", "2021-01-01", giver), act("NOTICE_RECEIVED", "2021-03-01", receipt)
    made = instrument(FORCE, given, received, notice_months=12)
    assert statuses(made, "2021-02-28", "2021-03-01", "2022-02-28", "2022-03-01") == [
        "IN_FORCE",
        *["DENUNCIATION_PENDING"] * 2,
        "TERMINATED",
    ]


def test_until_notice_without_a_period_of_notice_gives_twelve_months() -> None:
    made = instrument(FORCE, act("NOTICE_RECEIVED", "2026-01-01"), duration_months=60, renewal=Renewal.UNTIL_NOTICE)
    assert statuses(made, "2026-12-31", "2027-01-01") == ["DENUNCIATION_PENDING", "TERMINATED"]
    early = instrument(FORCE, act("NOTICE_RECEIVED", "2021-01-01"), duration_months=60, renewal=Renewal.UNTIL_NOTICE)
    assert statuses(early, "2024-12-31", "2025-01-01") == ["DENUNCIATION_PENDING", "TERMINATED"]
