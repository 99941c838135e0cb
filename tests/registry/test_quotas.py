"""Places allotted, and later decisions on them."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from registry import quotas
from registry.errors import BadInput, Conflict, NotFound, Unsourced
from registry.history import Changes
from registry.quotas import QuotaOrigin, QuotaRevision
from registry.sources import Citation, Cited
from tests.factories import WORDS, make_agreement, make_country, make_quota


def words_of(changes: Changes, subject: str, subject_id: int | None) -> list[str | None]:
    held = sa.select(Citation).filter_by(subject=subject, subject_id=subject_id).order_by("position")
    return [citation.quote for citation in changes.session.scalars(held)]


def test_a_quota_keeps_its_scope(changes: Changes) -> None:
    agreement = make_agreement(changes)
    whole = make_quota(changes, "whole")

    part = make_quota(changes, "part", part_of="whole", agreement="uz-de", origins=["UZ"], period="../2025-06")

    assert (part.part_of_id, part.agreement_id) == (whole.id, agreement.id)
    assert (part.period_start, part.period_end, part.period_key) == (None, date(2025, 6, 30), date.min)
    assert whole.period_key == date(2025, 1, 1)
    assert [origin.country_code for origin in changes.session.scalars(sa.select(QuotaOrigin))] == ["UZ"]


def test_a_later_decision_takes_the_place_of_the_former_which_stays_on_record(changes: Changes) -> None:
    make_country(changes, "DE")
    quota = make_quota(changes, places=100, citations=[Cited("some-source", quote="A hundred.")])
    for places, decided, quote in ((150, "2025-03", "A hundred and fifty."), (120, "2025-06-01", "Cut back.")):
        words = [Cited("some-source", quote=quote)]
        quotas.revise(changes, quota="de-2025", places=places, decided=decided, citations=words)

    former = changes.session.scalars(sa.select(QuotaRevision).order_by(sa.text("position"))).all()
    assert (quota.places, quota.decided, quota.version) == (120, "2025-06-01", 3)
    assert [(one.position, one.places, one.decided) for one in former] == [(0, 100, None), (1, 150, "2025-03")]
    assert former[1].decided_latest == date(2025, 3, 31)
    assert words_of(changes, "Quota", quota.id) == ["Cut back."]
    assert [words_of(changes, "QuotaRevision", one.id) for one in former] == [["A hundred."], ["A hundred and fifty."]]
    assert {citation.node for citation in changes.session.scalars(sa.select(Citation))} == {"Quota"}


@pytest.mark.parametrize("decided", [None, "2025-03"])
def test_the_decision_on_record_is_no_later_one(changes: Changes, decided: str | None) -> None:
    quota = make_quota(changes, decided=decided)

    with pytest.raises(BadInput, match="Nothing is said to have changed"):
        quotas.revise(changes, quota="de-2025", places=100, decided=decided, citations=[Cited("some-source", "Again.")])

    assert quota.version == 1
    assert changes.session.scalars(sa.select(QuotaRevision)).all() == []


def test_the_same_number_decided_on_another_day_is_a_later_decision(changes: Changes) -> None:
    make_quota(changes, decided="2025-03")

    assert quotas.revise(changes, quota="de-2025", places=100, decided="2025-06", citations=WORDS).version == 2


def test_a_decision_made_in_ignorance_of_another_is_refused(changes: Changes) -> None:
    make_quota(changes)
    quotas.revise(changes, quota="de-2025", places=110, citations=WORDS, expected_version=1)

    with pytest.raises(Conflict) as refused:
        quotas.revise(changes, quota="de-2025", places=120, citations=WORDS, expected_version=1)

    assert refused.value.path == ("expectedVersion",)


@pytest.mark.parametrize(
    ("said", "error", "path"),
    [
        ({"places": -1}, BadInput, ("places",)),
        ({"places": 2_000_000_000}, BadInput, ("places",)),
        ({"country": "XX"}, BadInput, ("country",)),
        ({"origins": ["DE", "ZZ"]}, BadInput, ("origins", "1")),
        ({"sector": "ZZ"}, BadInput, ("sector",)),
        ({"occupation": "99"}, BadInput, ("occupation",)),
        ({"period": "2025-02-30"}, BadInput, ("period",)),
        ({"agreement": "nothing"}, NotFound, ("agreement",)),
        ({"part_of": "nothing"}, NotFound, ("partOf",)),
        ({"citations": []}, Unsourced, ("citations",)),
    ],
)
def test_a_wrong_quota_is_refused_at_its_field(
    changes: Changes, said: dict[str, Any], error: type[Exception], path: tuple[str, ...]
) -> None:
    with pytest.raises(error) as refused:
        make_quota(changes, **said)

    assert getattr(refused.value, "path", None) == path


def test_a_revision_needs_its_own_words(changes: Changes) -> None:
    make_quota(changes)

    with pytest.raises(Unsourced):
        quotas.revise(changes, quota="de-2025", places=110, citations=[])
