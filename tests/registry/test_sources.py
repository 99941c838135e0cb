"""Sources, and the words that facts rest on."""

import pytest
import sqlalchemy as sa

from registry.errors import BadInput, Conflict, NotFound, Unsourced
from registry.history import Changes
from registry.sources import Citation, Cited
from tests.factories import (
    make_agreement,
    make_company,
    make_engagement,
    make_figure,
    make_institution,
    make_programme,
    make_quota,
    make_source,
)


def test_a_source_keeps_the_bounds_of_its_day_of_publication(changes: Changes) -> None:
    source = make_source(changes, published="2025-07/2026-11-21")

    assert (str(source.published_earliest), str(source.published_latest)) == ("2025-07-01", "2026-11-21")


def test_a_copy_names_what_it_copies(changes: Changes) -> None:
    original = make_source(changes, "original")

    assert make_source(changes, "copy", copy_of="original").copy_of_id == original.id


def test_a_reference_is_given_once(changes: Changes) -> None:
    make_company(changes, "works")

    with pytest.raises(Conflict) as refused:
        make_company(changes, "works")
    assert refused.value.path == ("reference",)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"reference": "two words"}, "reference"),
        ({"reference": "a/b"}, "reference"),
        ({"title": "  "}, "title"),
        ({"language": "german"}, "language"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"sha256": "12"}, "sha256"),
        ({"published": "2024-13"}, "published"),
    ],
)
def test_a_malformed_source_is_refused_at_its_field(changes: Changes, said: dict[str, str], path: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_source(changes, **said)

    assert refused.value.path == (path,)
    assert refused.value.hint


def test_a_copy_of_what_is_not_on_record_is_refused(changes: Changes) -> None:
    with pytest.raises(NotFound) as refused:
        make_source(changes, copy_of="nothing")

    assert refused.value.path == ("copyOf",)


@pytest.mark.parametrize(
    "make",
    [make_agreement, make_company, make_institution, make_quota, make_figure, make_engagement, make_programme],
)
def test_a_fact_without_a_source_is_refused(changes: Changes, make: object) -> None:
    assert callable(make)
    with pytest.raises(Unsourced) as refused:
        make(changes, citations=[])

    assert refused.value.path == ("citations",)


@pytest.mark.parametrize("cited", [Cited("some-source"), Cited("some-source", quote=" ", note="", locator="p. 3")])
def test_a_citation_without_words_and_without_their_sense_is_refused(changes: Changes, cited: Cited) -> None:
    with pytest.raises(Unsourced) as refused:
        make_company(changes, citations=[cited])

    assert refused.value.path == ("citations", "0", "quote")


def test_a_citation_of_what_is_not_on_record_is_refused(changes: Changes) -> None:
    with pytest.raises(NotFound) as refused:
        make_company(changes, citations=[Cited("some-source", note="So."), Cited("nowhere", note="So.")])

    assert refused.value.path == ("citations", "1", "source")


def test_citations_keep_their_order_and_their_fact(changes: Changes) -> None:
    cited = [Cited("some-source", quote="One."), Cited("some-source", note="Two.", locator="p. 2")]

    company = make_company(changes, citations=cited)

    kept = changes.session.scalars(sa.select(Citation).order_by(sa.text("position"))).all()
    assert [(one.quote, one.note, one.locator) for one in kept] == [("One.", None, None), (None, "Two.", "p. 2")]
    assert {(one.subject, one.subject_id, one.node, one.node_id) for one in kept} == {
        ("Company", company.id, "Company", company.id)
    }
