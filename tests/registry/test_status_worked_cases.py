"""The worked cases of the law, row by row as the page on the domain prints them."""

from datetime import date
from typing import Any

import pytest

from registry.status import Bindingness, ForceRule, Instrument, InstrumentType, Renewal
from tests.registry.status_cases import act, instrument, on, status

TACIT: dict[str, Any] = {
    "force_rule": ForceRule.ON_SIGNATURE,
    "duration_months": 60,
    "renewal": Renewal.TACIT,
    "renewal_months": 12,
    "notice_months": 6,
}
SIGNED = act("SIGNATURE", "2020-01-15")
BOTH_RATIFIED = (
    act("SIGNATURE", "2011-03-01"),
    act("RATIFICATION", "2011-05-01", "UZ"),
    act("RATIFICATION", "2011-09-10", "DE"),
)
CASES: list[tuple[Instrument, dict[str, str]]] = [
    (
        instrument(act("SIGNATURE", "2024")),
        {"2023-12-31": "NONE", "2024-06-01": "UNKNOWN NONE SIGNED", "2025-01-01": "SIGNED"},
    ),
    (
        instrument(act("ENTRY_INTO_FORCE", "../2026-01-20")),
        {"2010-01-01": "UNKNOWN NONE IN_FORCE", "2026-01-20": "IN_FORCE"},
    ),
    (instrument(SIGNED, **TACIT), {"2025-01-15": "IN_FORCE"}),
    (
        instrument(SIGNED, act("NOTICE_RECEIVED", "2024-06-30"), **TACIT),
        {"2024-07-01": "DENUNCIATION_PENDING", "2025-01-14": "DENUNCIATION_PENDING", "2025-01-15": "EXPIRED"},
    ),
    (
        instrument(SIGNED, act("NOTICE_RECEIVED", "2024-08-01"), **TACIT),
        {"2025-06-01": "DENUNCIATION_PENDING", "2026-01-15": "EXPIRED"},
    ),
    (
        instrument(*BOTH_RATIFIED, force_rule=ForceRule.ON_LAST_CONSENT, force_delay="P30D"),
        {"2011-06-01": "PARTLY_CONSENTED", "2011-10-09": "PARTLY_CONSENTED", "2011-10-10": "IN_FORCE"},
    ),
    (
        instrument(act("ENTRY_INTO_FORCE", "2011-03-01"), act("NOTICE_RECEIVED", "2019-02-10", "DE")),
        {"2019-06-01": "DENUNCIATION_PENDING", "2020-02-09": "DENUNCIATION_PENDING", "2020-02-10": "TERMINATED"},
    ),
    (
        instrument(*BOTH_RATIFIED[:2], act("RATIFICATION", "2011-09", "DE")),
        {
            "2011-08-31": "PARTLY_CONSENTED",
            "2011-09-20": "UNKNOWN PARTLY_CONSENTED IN_FORCE",
            "2011-09-30": "IN_FORCE",
        },
    ),
    (
        instrument(act("ENTRY_INTO_FORCE", "2020"), duration_months=60, renewal=Renewal.NONE),
        {"2024-12-31": "IN_FORCE", "2025-06-01": "UNKNOWN IN_FORCE EXPIRED", "2025-12-31": "EXPIRED"},
    ),
    (
        instrument(
            act("ENTRY_INTO_FORCE", "2020-03-01"),
            act("ENTRY_INTO_FORCE", "2020-04-01"),
            act("SIGNATURE", "2019-12-01"),
        ),
        {"2020-02-29": "SIGNED", "2020-03-15": "UNKNOWN SIGNED IN_FORCE", "2020-04-01": "IN_FORCE"},
    ),
    (
        instrument(
            act("NEGOTIATIONS_OPENED", "2010-01-01"),
            act("NEGOTIATIONS_ABANDONED", "2012-01-01"),
            act("DISCUSSIONS_HELD", "2020-01-01"),
        ),
        {"2011-12-31": "UNDER_NEGOTIATION", "2013-01-01": "ABANDONED", "2020-01-01": "UNDER_DISCUSSION"},
    ),
    (
        instrument(
            act("SIGNATURE", "2022-04-04"),
            kind=InstrumentType.JOINT_DECLARATION,
            bindingness=Bindingness.NOT_BINDING,
        ),
        {"2023-01-01": "OPERATIVE"},
    ),
    (
        instrument(act("ENTRY_INTO_FORCE", "1967-03-01"), act("SIGNATURE", "1967-03-06")),
        {"1967-02-28": "NONE", "1967-03-03": "IN_FORCE"},
    ),
]


@pytest.mark.parametrize(
    ("made", "day", "expected"), [(made, day, expected) for made, days in CASES for day, expected in days.items()]
)
def test_worked_cases_have_the_status_that_the_law_prints(made: Instrument, day: str, expected: str) -> None:
    assert status(made, day) == expected


def test_the_first_tacit_renewal_has_its_days() -> None:
    found = on(instrument(SIGNED, **TACIT), "2025-01-15")
    assert (found.ends_on, found.notice_by, found.renewals) == (date(2026, 1, 14), date(2025, 7, 14), 1)


def test_an_imprecise_force_day_leaves_the_end_open() -> None:
    found = on(instrument(act("ENTRY_INTO_FORCE", "2020"), duration_months=60), "2025-06-01")
    assert (found.ends_on, found.notice_by, found.renewals) == (None, None, 0)


def test_presumed_force_rests_on_article_24_and_says_what_is_missing() -> None:
    reason = on(instrument(*BOTH_RATIFIED), "2011-10-01").reason
    assert reason.authority == "VCLT art. 24 (2)"
    assert [message.text for message in reason.missing] == [
        "No act of entry into force is on record",
        "How the text says it enters into force is not known",
    ]


def test_notice_without_a_clause_rests_on_article_56() -> None:
    made = instrument(act("ENTRY_INTO_FORCE", "2011-03-01"), act("NOTICE_RECEIVED", "2019-02-10", "DE"))
    assert on(made, "2019-06-01").reason.authority == "VCLT art. 56 (2)"
