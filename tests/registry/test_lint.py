"""What looks odd about facts that come in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements, companies, lint, placements, quotas
from registry.access import RESTRICTED, Actor, Role
from registry.codes import ValueOperator
from registry.figures import FigureMeasure, FigureNature
from registry.history import Changes
from registry.lint import Notice
from registry.placements import Counted, PlacementMeasure
from registry.sources import Cited
from registry.status import Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal, Terms
from tests.factories import (
    WORDS,
    make_act,
    make_agreement,
    make_company,
    make_country,
    make_engagement,
    make_figure,
    make_quota,
    make_sector,
    make_source,
)

K = LegalActKind
EDITOR = Actor("editor", Role.EDITOR)


def told(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    """Codes and paths; every notice has a sentence and says what to do."""
    found = list(notices)
    for notice in found:
        assert notice.message.endswith(".")
        assert notice.hint.endswith(".")
    return [(notice.code, ".".join(notice.path)) for notice in found]


def of_act(changes: Changes, kind: LegalActKind, date: str, **said: Any) -> list[tuple[str, str]]:
    return told(lint.of_act(changes, make_act(changes, kind, date, **said), {}))


# ── Instruments and acts ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plain_life_is_not_odd(any_changes: Changes) -> None:
    agreement = make_agreement(
        any_changes, term=Terms(ForceRule.ON_LAST_CONSENT, duration_months=60, renewal=Renewal.TACIT, notice_months=6)
    )
    assert told(lint.of_agreement(any_changes, agreement, {})) == []

    for kind, date, party in (
        (K.SIGNATURE, "2019-12-01", None),
        (K.RATIFICATION, "2020-01-05", "UZ"),
        (K.RATIFICATION, "2020-05-01", "DE"),
        (K.NOTICE_RECEIVED, "2024-10-01", "DE"),
        (K.PUBLISHED, "2024-12-01", None),
    ):
        assert of_act(any_changes, kind, date, party=party) == []


def test_a_day_that_another_source_gives_the_other_way_round_is_noticed_with_that_source(changes: Changes) -> None:
    make_agreement(changes)
    make_source(changes, "journal")
    make_act(changes, K.SIGNATURE, "2024-03-05", citations=[Cited("journal", quote="5 March")])

    notices = list(lint.of_act(changes, make_act(changes, K.SIGNATURE, "2024-05-03"), {}))

    assert told(notices) == [("DAY_AND_MONTH_SWAPPED", "date")]
    assert "journal puts the SIGNATURE on 2024-03-05" in notices[0].message


@pytest.mark.parametrize(
    ("kind", "date"), [(K.SIGNATURE, "2024-05-04"), (K.SIGNATURE, "2023-05-03"), (K.RATIFICATION, "2024-05-03")]
)
def test_other_days_do_not_look_swapped(changes: Changes, kind: LegalActKind, date: str) -> None:
    make_agreement(changes)
    make_act(changes, K.SIGNATURE, "2024-03-05")

    assert of_act(changes, kind, date) == []


def test_an_act_told_twice_is_noticed_once_withdrawn_it_is_not(changes: Changes) -> None:
    make_agreement(changes)
    first = make_act(changes, K.SIGNATURE, "2024-03-05")
    assert of_act(changes, K.SIGNATURE, "2024-03-05") == [("DUPLICATE", "date")]

    assert first.id is not None
    agreements.withdraw_act(changes, act_id=first.id)
    assert of_act(changes, K.RATIFICATION, "2024-03-05", party="DE") == []
    assert of_act(changes, K.RATIFICATION, "2024-03-05", party="UZ") == []


@pytest.mark.parametrize("last", [K.SIGNATURE, K.ENTRY_INTO_FORCE])
def test_force_before_signature_is_noticed_whichever_is_told_last(changes: Changes, last: LegalActKind) -> None:
    make_agreement(changes)
    dates = {K.SIGNATURE: "1967-03-06", K.ENTRY_INTO_FORCE: "1967-03-01"}
    (first,) = dates.keys() - {last}
    assert of_act(changes, first, dates[first]) == []

    assert of_act(changes, last, dates[last]) == [("FORCE_BEFORE_SIGNATURE", "date")]


def test_force_that_may_come_after_signature_is_not_odd(changes: Changes) -> None:
    make_agreement(changes)
    make_act(changes, K.SIGNATURE, "1967-03-06")

    assert of_act(changes, K.ENTRY_INTO_FORCE, "1967") == []


def test_an_act_after_the_end_is_noticed(any_changes: Changes) -> None:
    make_agreement(any_changes)
    make_act(any_changes, K.ENTRY_INTO_FORCE, "2010-01-01")
    make_act(any_changes, K.TERMINATED_BY_CONSENT, "2020-01-01")

    assert of_act(any_changes, K.JOINT_COMMITTEE_MET, "2021-05") == [("ACT_AFTER_THE_END", "date")]
    assert of_act(any_changes, K.JOINT_COMMITTEE_MET, "2020") == []


def test_an_end_before_acts_on_record_is_noticed_with_each_of_them(changes: Changes) -> None:
    make_agreement(changes)
    make_act(changes, K.ENTRY_INTO_FORCE, "2010-01-01")
    make_act(changes, K.JOINT_COMMITTEE_MET, "2021-05")
    make_act(changes, K.JOINT_COMMITTEE_MET, "2022")

    found = list(lint.of_act(changes, make_act(changes, K.TERMINATED_BY_CONSENT, "2020-01-01"), {}))

    assert told(found) == [("ACT_AFTER_THE_END", "date")] * 2
    assert ["2021-05" in found[0].message, "2022" in found[1].message] == [True, True]


@pytest.mark.parametrize(
    ("effective", "date"), [("2023-12-31", "2024-01"), ("2023", "2024-03-05"), ("../2023", "2024")]
)
def test_force_from_a_day_before_the_act_is_noticed(changes: Changes, effective: str, date: str) -> None:
    make_agreement(changes)

    assert of_act(changes, K.ENTRY_INTO_FORCE, date, effective=effective) == [("RETROACTIVE_FORCE", "effective")]


@pytest.mark.parametrize(
    ("effective", "date"), [("2024-01-01", "2024-01"), ("2024", "2024-03-05"), ("2023/..", "2024")]
)
def test_force_that_may_follow_the_act_is_not_odd(changes: Changes, effective: str, date: str) -> None:
    make_agreement(changes)

    assert of_act(changes, K.ENTRY_INTO_FORCE, date, effective=effective) == []


def test_a_notice_that_would_bite_before_it_is_given_is_noticed(changes: Changes) -> None:
    make_agreement(changes)
    make_act(changes, K.ENTRY_INTO_FORCE, "2010-01-01")

    found = of_act(changes, K.DENOUNCED, "2020-06-01", effective="2020-05")

    assert ("NOTICE_AFTER_THE_FACT", "effective") in found


def test_a_notice_too_late_for_the_term_that_runs_is_noticed(any_changes: Changes) -> None:
    term = Terms(ForceRule.ON_SIGNATURE, duration_months=60, renewal=Renewal.TACIT, renewal_months=12, notice_months=6)
    make_agreement(any_changes, term=term)
    make_act(any_changes, K.SIGNATURE, "2020-01-15")

    assert of_act(any_changes, K.NOTICE_RECEIVED, "2024-08-01") == [("NOTICE_TOO_LATE", "date")]
    assert of_act(any_changes, K.NOTICE_RECEIVED, "2024-06-30") == []


def test_a_term_that_cannot_be_counted_is_noticed(changes: Changes) -> None:
    agreement = make_agreement(changes, term=Terms(duration_months=60))

    assert told(lint.of_agreement(changes, agreement, {})) == [("TERM_WITHOUT_FORCE", "term.durationMonths")]
    assert of_act(changes, K.SIGNATURE, "2020-01-15") == [("TERM_WITHOUT_FORCE", "agreement")]
    assert of_act(changes, K.ENTRY_INTO_FORCE, "2020-03-01") == []
    assert told(lint.of_agreement(changes, agreement, {})) == []


@pytest.mark.parametrize(
    "said",
    [
        {"term": Terms(ForceRule.ON_LAST_CONSENT, duration_months=60)},
        {"term": Terms()},
        {
            "term": Terms(duration_months=60),
            "bindingness": Bindingness.NOT_BINDING,
            "bindingness_reason": "It says so.",
        },
    ],
)
def test_a_term_that_will_be_counted_is_not_odd(changes: Changes, said: dict[str, Any]) -> None:
    assert told(lint.of_agreement(changes, make_agreement(changes, **said), {})) == []


def test_an_assessment_without_a_reason_is_noticed(changes: Changes) -> None:
    agreement = make_agreement(changes, bindingness=Bindingness.BINDING)

    assert told(lint.of_agreement(changes, agreement, {})) == [("ASSESSED_WITHOUT_REASON", "bindingnessReason")]


def test_two_instruments_of_the_same_parties_type_and_day_are_noticed(any_changes: Changes) -> None:
    first = make_agreement(any_changes, "first")
    make_act(any_changes, agreement="first")
    make_agreement(any_changes, "second", parties=("DE", "UZ"))

    found = list(lint.of_act(any_changes, make_act(any_changes, agreement="second"), {}))

    assert told(found) == [("DUPLICATE", "agreement")]
    assert found[0].message.startswith("first has")
    assert told(lint.of_agreement(any_changes, first, {})) == [("DUPLICATE", "parties")]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ({"parties": ("UZ", "FR")}, "2024-09-15"),
        ({"type": InstrumentType.PROTOCOL}, "2024-09-15"),
        ({}, "2024-09-16"),
        ({}, "2024-09"),
    ],
)
def test_instruments_that_differ_are_no_duplicates(changes: Changes, said: dict[str, Any], date: str) -> None:
    make_agreement(changes, "first")
    make_act(changes, agreement="first")
    make_agreement(changes, "second", **said)

    assert of_act(changes, K.SIGNATURE, date, agreement="second") == []


def test_a_duplicate_that_is_hidden_is_not_told(changes: Changes) -> None:
    make_agreement(changes, "hidden", audience=RESTRICTED)
    make_act(changes, agreement="hidden")
    make_agreement(changes, "second")
    act = make_act(changes, agreement="second")
    changes.actor = EDITOR

    assert told(lint.of_act(changes, act, {})) == []


@contextmanager
def statements(changes: Changes) -> Iterator[list[str]]:
    """The statements that the database is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        sent.append(statement)

    engine = changes.session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def test_however_many_instruments_are_alike_one_statement_finds_them_and_five_are_named(any_changes: Changes) -> None:
    names = [f"alike-{number}" for number in range(12)]
    for name in names:
        make_agreement(any_changes, name)
    acts = [make_act(any_changes, agreement=name) for name in names[:2]]
    with statements(any_changes) as few:
        list(lint.of_act(any_changes, acts[0], {}))
    for name in names[2:]:
        make_act(any_changes, agreement=name)

    with statements(any_changes) as many:
        found = list(lint.of_act(any_changes, acts[0], {}))

    assert [notice.message.split()[0] for notice in found] == names[1:6]
    assert len(many) == len(few)


def test_looking_for_others_alike_costs_as_many_statements_however_many_there_are(any_changes: Changes) -> None:
    make_country(any_changes, "UZ")
    makers: list[tuple[Any, Any, dict[str, Any]]] = [
        (lint.of_engagement, make_engagement, {"date": "2024-05-01", "countries": ["DE", "UZ"]}),
        (lint.of_quota, make_quota, {"origins": ["UZ"]}),
        (lint.of_figure, make_figure, {"destinations": ["DE"]}),
    ]
    for look, make, said in makers:
        counts = []
        for number in range(8):
            made = make(any_changes, reference=f"alike-{number}", **said)
            with statements(any_changes) as sent:
                found = told(look(any_changes, made, {}))
            counts.append(len(sent))
        assert "DUPLICATE" in {code for code, _path in found}
        assert set(counts) == {counts[0]}


def test_of_many_dealings_that_are_alike_five_are_named(changes: Changes) -> None:
    made = [make_engagement(changes, date="2024-05-01") for _each in range(8)]

    assert told(lint.of_engagement(changes, made[-1], {})) == [("DUPLICATE", "date")] * 5


def test_a_dealing_that_is_hidden_is_not_told(changes: Changes) -> None:
    make_engagement(changes, date="2024-05-01", audience=RESTRICTED)
    engagement = make_engagement(changes, date="2024-05-01")
    changes.actor = EDITOR

    assert told(lint.of_engagement(changes, engagement, {})) == []


def test_a_dealing_told_twice_is_noticed(any_changes: Changes) -> None:
    make_country(any_changes, "UZ")
    for date, countries, expected in (
        ("2024-05-01", ["DE", "UZ"], []),
        ("2024-05-01", ["UZ", "DE"], [("DUPLICATE", "date")]),
        ("2024-05-01", ["DE"], []),
        ("2024-05", ["DE", "UZ"], []),
    ):
        engagement = make_engagement(any_changes, date=date, countries=countries)
        assert told(lint.of_engagement(any_changes, engagement, {})) == expected


def test_a_partnership_or_licence_told_twice_is_noticed(any_changes: Changes) -> None:
    make_agreement(any_changes)
    make_company(any_changes)
    make_company(any_changes, "other")

    def partnership(company: str = "works", **said: Any) -> list[tuple[str, str]]:
        stage = companies.PartnershipStage.ACTIVE
        made = companies.record_partnership(any_changes, company=company, stage=stage, citations=WORDS, **said)
        return told(lint.of_partnership(any_changes, made, {}))

    def licence(company: str = "works", **said: Any) -> list[tuple[str, str]]:
        state = companies.LicenceState.VALID
        made = companies.record_licence(any_changes, company=company, state=state, citations=WORDS, **said)
        return told(lint.of_licence(any_changes, made, {}))

    assert [partnership(**said) for said in ({}, {"since": "2024"}, {"agreement": "uz-de"})] == [[], [], []]
    assert partnership("other") == []
    assert [partnership(), partnership(since="2024")] == [[("DUPLICATE", "stage")]] * 2
    assert [licence(**said) for said in ({}, {"until": "2024"}, {"number": "7"}, {"company": "other"})] == [[]] * 4
    assert [licence(), licence(number="7")] == [[("DUPLICATE", "state")]] * 2


# ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("places", "period", "jumps"),
    [
        (1_000, "2026", True),
        (1_000, "2024", True),
        (10_000, "2026", True),
        (10, "2026", True),
        (999, "2026", False),
        (11, "2026", False),
        (0, "2026", False),
        (1_000, "2027", False),
        (1_000, "2026-01/2026-06", False),
    ],
)
def test_a_tenfold_jump_against_a_neighbouring_year_is_noticed(
    changes: Changes, places: int, period: str, jumps: bool
) -> None:
    make_quota(changes, "before", period="2025", places=100)

    found = told(lint.of_quota(changes, make_quota(changes, "new", period=period, places=places), {}))

    assert found == ([("TENFOLD_JUMP", "places")] if jumps else [])


def test_small_numbers_may_jump(changes: Changes) -> None:
    make_quota(changes, "before", period="2025", places=5)

    assert told(lint.of_quota(changes, make_quota(changes, "new", period="2026", places=90), {})) == []


def test_the_end_of_february_is_the_end_of_a_period_in_every_year(changes: Changes) -> None:
    make_quota(changes, "before", period="2024-01/2024-02", places=5)

    found = told(lint.of_quota(changes, make_quota(changes, "new", period="2025-01/2025-02", places=900), {}))

    assert found == [("TENFOLD_JUMP", "places")]


def test_a_revision_of_a_quota_is_looked_at_too(changes: Changes) -> None:
    make_quota(changes, "before", period="2024", places=100)
    quota = make_quota(changes)

    revised = quotas.revise(changes, quota=quota.reference, places=10_000, citations=WORDS)

    assert told(lint.of_quota(changes, revised, {})) == [("TENFOLD_JUMP", "places")]


def test_a_second_quota_of_one_scope_and_period_is_noticed(changes: Changes) -> None:
    make_country(changes, "UZ")
    make_quota(changes, "first")

    assert told(lint.of_quota(changes, make_quota(changes, "second"), {})) == [("DUPLICATE", "reference")]
    assert told(lint.of_quota(changes, make_quota(changes, "for-some", origins=["UZ"]), {})) == []
    assert told(lint.of_quota(changes, make_quota(changes, "open", period="../.."), {})) == []


def test_shares_that_are_more_than_the_whole_are_noticed(any_changes: Changes) -> None:
    for code in ("F", "A"):
        make_sector(any_changes, code)
    make_country(any_changes, "UZ")
    make_quota(any_changes, "whole", places=100)

    def share(reference: str, places: int, **said: Any) -> list[tuple[str, str]]:
        made = make_quota(any_changes, reference, part_of="whole", places=places, **said)
        return told(lint.of_quota(any_changes, made, {}))

    assert share("building", 60, sector="F") == []
    assert share("uzbeks", 80, origins=["UZ"]) == []
    assert share("farming", 41, sector="A") == [("PARTS_DO_NOT_ADD_UP", "places")]
    less = quotas.revise(any_changes, quota="whole", places=101, citations=WORDS)
    assert told(lint.of_quota(any_changes, less, {})) == []


def test_nothing_is_told_of_shares_or_wholes_that_are_hidden(any_changes: Changes) -> None:
    administrator = any_changes.actor
    make_agreement(any_changes, "hidden", audience=RESTRICTED)
    make_quota(any_changes, "open", places=500)
    make_quota(any_changes, "hidden-share", places=778, part_of="open", agreement="hidden")
    make_quota(any_changes, "hidden-whole", places=778, agreement="hidden")
    make_quota(any_changes, "open-share", places=900, part_of="hidden-whole")

    def told_of(actor: Actor, reference: str, places: int) -> list[str]:
        any_changes.actor = actor
        revised = quotas.revise(any_changes, quota=reference, places=places, citations=WORDS)
        return [notice.message for notice in lint.of_quota(any_changes, revised, {}) if "PARTS" in notice.code]

    assert told_of(EDITOR, "open", 400) == []
    assert told_of(EDITOR, "open-share", 1_000) == []
    assert told_of(administrator, "open", 300) == ["The 1 shares of open add up to 778; it has 300 places."]
    assert told_of(administrator, "open-share", 1_001) == [
        "The 1 shares of hidden-whole add up to 1,001; it has 778 places."
    ]


def test_shares_that_are_seen_are_told_without_those_that_are_hidden(any_changes: Changes) -> None:
    make_agreement(any_changes, "hidden", audience=RESTRICTED)
    make_agreement(any_changes, "open")
    whole = make_quota(any_changes, "whole", places=100)
    for reference, places, agreement in (("one", 60, "open"), ("two", 50, "open"), ("three", 7_000, "hidden")):
        make_quota(any_changes, reference, part_of="whole", places=places, agreement=agreement)
    any_changes.actor = EDITOR

    (notice,) = lint.of_quota(any_changes, whole, {})

    assert notice.message == "The 2 shares of whole add up to 110; it has 100 places."


def report(changes: Changes, *counted: Counted) -> list[tuple[str, str]]:
    made = placements.report(changes, source="some-source", placements=counted)
    return told(lint.of_returns(changes, made, {}))


def test_a_jump_of_returns_is_noticed_at_its_place(any_changes: Changes) -> None:
    make_source(any_changes)
    make_country(any_changes, "DE")
    make_sector(any_changes, "F")
    assert report(any_changes, Counted("2023-02", "DE", 20), Counted("2023-03", "DE", 20)) == []

    found = report(
        any_changes,
        Counted("2024-01", "DE", 400),
        Counted("2024-02", "DE", 400),
        Counted("2024-03", "DE", 400, PlacementMeasure.ARRIVED),
        Counted("2024-03", "DE", 199),
    )

    assert found == [("TENFOLD_JUMP", "placements.1.people")]


def test_of_many_jumps_the_first_are_told(changes: Changes) -> None:
    make_source(changes)
    make_country(changes, "DE")
    years = {year: 1_000 if year % 2 else 1 for year in range(2000, 2006)}
    returns = [Counted(f"{year}-{month:02}", "DE", years[year]) for year in years for month in range(1, 13)]

    assert len(report(changes, *returns)) == 50


@pytest.mark.parametrize(
    ("operator", "value", "odd"),
    [
        (ValueOperator.EXACT, 60, False),
        (ValueOperator.EXACT, 61, True),
        (ValueOperator.MORE_THAN, 60, True),
        (ValueOperator.MORE_THAN, 59, False),
        (ValueOperator.LESS_THAN, 60, True),
        (ValueOperator.AT_LEAST, 60, False),
        (ValueOperator.AT_MOST, 59, True),
        (ValueOperator.ABOUT, 65, False),
        (ValueOperator.ABOUT, 80, True),
    ],
)
def test_returns_that_do_not_add_up_to_a_figure_are_noticed_from_either_side(
    any_changes: Changes, operator: ValueOperator, value: int, odd: bool
) -> None:
    make_country(any_changes, "DE")
    stated = make_figure(any_changes, value=Decimal(value), operator=operator, destinations=["DE"], period="2024")
    halves = [Counted("2024-01/2024-06", "DE", 20), Counted("2024-07/2024-12", "DE", 40)]

    assert report(any_changes, halves[0]) == []
    assert report(any_changes, halves[1]) == ([("PARTS_DO_NOT_ADD_UP", "placements.0.people")] if odd else [])
    assert told(lint.of_figure(any_changes, stated, {})) == ([("PARTS_DO_NOT_ADD_UP", "value")] if odd else [])


@pytest.mark.parametrize(
    "said",
    [
        {"period": "2024-02/2024-12"},
        {"period": "2023/2024"},
        {"period": "../2024"},
        {"destinations": []},
        {"measure": FigureMeasure.ASSISTED},
        {"measure": FigureMeasure.ARRIVED},
        {"nature": FigureNature.STOCK},
        {"unit": "per cent"},
        {"sector": "F"},
    ],
)
def test_figures_of_other_things_are_not_held_against_returns(changes: Changes, said: dict[str, Any]) -> None:
    make_source(changes)
    make_country(changes, "DE")
    make_sector(changes, "F")
    report(changes, Counted("2024-01/2024-06", "DE", 20), Counted("2024-07/2024-12", "DE", 40))

    figure = make_figure(changes, **{"value": Decimal(821), "destinations": ["DE"], "period": "2024"} | said)

    assert told(lint.of_figure(changes, figure, {})) == []


def test_a_jump_of_figures_is_noticed(changes: Changes) -> None:
    make_country(changes, "DE")
    make_figure(changes, value=Decimal(821), destinations=["DE"], period="2023")

    def figure(**said: Any) -> list[tuple[str, str]]:
        plain = {"value": Decimal(9_000), "period": "2024", "destinations": ["DE"]}
        return told(lint.of_figure(changes, make_figure(changes, **plain | said), {}))

    assert figure() == [("TENFOLD_JUMP", "value")]
    assert figure(destinations=[]) == []
    assert figure(value=Decimal(8_000)) == []


def test_a_figure_told_twice_is_noticed(any_changes: Changes) -> None:
    for code in ("DE", "PL"):
        make_country(any_changes, code)

    def figure(**said: Any) -> list[tuple[str, str]]:
        plain = {"value": Decimal("821.0"), "period": "2023", "destinations": ["DE", "PL"]}
        return told(lint.of_figure(any_changes, make_figure(any_changes, **plain | said), {}))

    assert figure() == []
    for said in (
        *({"period": "2021"}, {"destinations": ["DE"]}, {"operator": ValueOperator.ABOUT}, {"unit": "per cent"}),
        *({"destination_as_printed": "abroad"}, {"measure": FigureMeasure.ASSISTED}, {"value": Decimal(822)}),
    ):
        assert figure(**said) == []
    assert figure(period="2023-01/2023-12", value=Decimal(821)) == [("DUPLICATE", "value")]


def test_returns_that_are_taken_back_jump_against_nothing(changes: Changes) -> None:
    make_source(changes)
    make_country(changes, "DE")
    assert report(changes, Counted("2023", "DE", 5), Counted("2024", "DE", 500)) != []

    assert report(changes, Counted("2024", "DE", 500, withdrawn=True), Counted("2024-01", "DE", 4)) == []


# ── Quotations ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = """The Parties agree that nurses shall be re-
cruited “by the Agency”
only — and at no cost to them."""
PAGE = f"<!DOCTYPE html><html><head><title>x</title><script>let a</script></head><p>{TEXT}</p><p>Art<b>icle</b> 2"


def quoted(changes: Changes, folder: Path, *quotes: str | None) -> list[tuple[str, str]]:
    cited = [Cited("held", quote=quote, note=None if quote else "The sense.") for quote in quotes]
    return told(lint.of_citations(changes, cited, str(folder)))


def hold(changes: Changes, folder: Path, content: bytes, name: str = "{}") -> None:
    digest = sha256(content).hexdigest()
    (folder / name.format(digest)).write_bytes(content)
    make_source(changes, "held", sha256=digest)


@pytest.mark.parametrize("content", [TEXT, PAGE])
def test_words_that_do_not_stand_in_the_document_held_are_noticed(
    changes: Changes, tmp_path: Path, content: str
) -> None:
    hold(changes, tmp_path, content.encode())

    assert quoted(changes, tmp_path, "nurses shall be recruited 'by the agency' only - and", None) == []
    assert (
        quoted(changes, tmp_path, "Nurses shall be … at no cost", "The Parties […] them", "the parties ... nurses")
        == []
    )
    assert quoted(changes, tmp_path, "nurses", "nurses shall be paid") == [("QUOTE_NOT_FOUND", "citations.1.quote")]
    assert quoted(changes, tmp_path, "at no cost […] nurses") == [("QUOTE_NOT_FOUND", "citations.0.quote")]


def test_what_a_page_does_not_show_is_not_quoted(changes: Changes, tmp_path: Path) -> None:
    hold(changes, tmp_path, PAGE.encode())

    assert quoted(changes, tmp_path, "Article 2") == []
    assert quoted(changes, tmp_path, "let a") == [("QUOTE_NOT_FOUND", "citations.0.quote")]


def test_the_text_of_a_scan_may_lie_beside_it(changes: Changes, tmp_path: Path) -> None:
    scan = b"%PDF-1.7 \xff\xfe"
    hold(changes, tmp_path, scan)
    assert quoted(changes, tmp_path, "nurses") == []

    (tmp_path / f"{sha256(scan).hexdigest()}.txt").write_text(TEXT, encoding="utf-8")

    assert quoted(changes, tmp_path, "nurses") == []
    assert quoted(changes, tmp_path, "doctors") == [("QUOTE_NOT_FOUND", "citations.0.quote")]


def test_without_the_very_document_no_quotation_is_doubted(changes: Changes, tmp_path: Path) -> None:
    hold(changes, tmp_path, TEXT.encode())
    (tmp_path / sha256(TEXT.encode()).hexdigest()).write_text("Another text.", encoding="utf-8")

    assert quoted(changes, tmp_path, "doctors") == []
    assert quoted(changes, tmp_path / "none", "doctors") == []
    assert told(lint.of_citations(changes, None, str(tmp_path))) == []


@pytest.mark.parametrize(
    ("decided", "noticed"), [("2025-02-28", True), ("2024", True), ("2025-03", False), ("2025", False), (None, False)]
)
def test_a_decision_from_before_that_on_record_is_noticed(changes: Changes, decided: str | None, noticed: bool) -> None:
    make_quota(changes, decided="2025-01")
    quotas.revise(changes, quota="de-2025", places=110, decided="2025-03", citations=WORDS)

    quota = quotas.revise(changes, quota="de-2025", places=120, decided=decided, citations=WORDS)

    assert told(lint.of_quota(changes, quota, {})) == [("DECIDED_BEFORE_FORMER", "decided")] * noticed
