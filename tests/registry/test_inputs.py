"""An input is checked as a whole, before any of it is written."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from registry import agreements, companies, engagements, figures, placements, quotas, withdrawal
from registry.agreements import Agreement, DocumentStated, PartyNamed, RelationStated, TitleGiven
from registry.codes import Language
from registry.errors import BadInput, Conflict, NotFound, Refused
from registry.history import Changes, Row
from registry.inputs import checked, code_of, key, refuse, short, why, words
from registry.placements import Counted, PlacementReturn
from registry.sources import Cited
from registry.status import LegalActKind, Terms
from tests.factories import (
    make_agreement,
    make_company,
    make_country,
    make_engagement,
    make_figure,
    make_institution,
    make_quota,
    make_source,
)

NOWHERE = (Cited("nowhere", quote=" "),)


def paths(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    """Where the problems are."""
    return {".".join(problem.path) for problem in refused.value.problems}


def held(changes: Changes, kind: type[Row]) -> int:
    return changes.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def test_all_problems_of_an_instrument_are_told_at_once_and_nothing_is_written(any_changes: Changes) -> None:
    make_agreement(any_changes, "uz-de")

    with pytest.raises(Refused) as refused:
        make_agreement(
            any_changes,
            "uz-de",
            title_as_printed=" ",
            titles=[TitleGiven(Language.EN, "One"), TitleGiven(Language.EN, "Two"), TitleGiven(Language.RU, "")],
            parties=["UZ", "DE"],
            sectors=["F", "nothing"],
            article_count=0,
            term=Terms(force_delay="soon", duration_months=-1),
            relations=[RelationStated(agreements.AgreementRelationKind.AMENDS, "nothing")],
            documents=[DocumentStated("", "german", url="ftp://x", sha256="12", source="nowhere")],
            citations=NOWHERE,
        )

    assert paths(refused) == {
        *("reference", "titleAsPrinted", "titles.1.language", "titles.2.title", "sectors.0", "sectors.1"),
        *("articleCount", "term.forceDelay", "term.durationMonths", "relations.0.agreement"),
        *("documents.0.title", "documents.0.language", "documents.0.url", "documents.0.sha256", "documents.0.source"),
        *("citations.0.quote", "citations.0.source"),
    }
    assert held(any_changes, Agreement) == 1


@pytest.mark.parametrize(
    ("write", "said", "expected"),
    [
        (make_company, {"name": "", "country": "DE", "lei": "1"}, {"name", "lei"}),
        (make_quota, {"period": "soon", "places": -1, "part_of": "x"}, {"period", "places", "partOf"}),
        (make_figure, {"value": Decimal(-1), "unit": "", "company": "x"}, {"value", "unit", "company"}),
        (make_engagement, {"title": "", "date": "2024-13", "agreement": "x"}, {"title", "date", "agreement"}),
    ],
)
def test_all_problems_of_a_record_are_told_at_once(
    changes: Changes, write: Any, said: dict[str, Any], expected: set[str]
) -> None:
    with pytest.raises(Refused) as refused:
        write(changes, citations=NOWHERE, **said)

    assert paths(refused) == expected | {"citations.0.quote", "citations.0.source"}


def test_all_problems_of_an_act_are_told_at_once(changes: Changes) -> None:
    with pytest.raises(Refused) as refused:
        agreements.record_act(
            changes, agreement="nothing", kind=LegalActKind.SIGNATURE, date="", party="ZZ", citations=()
        )

    assert paths(refused) == {"agreement", "date", "party", "citations"}


def test_all_problems_of_returns_are_told_each_at_its_place(changes: Changes) -> None:
    make_country(changes, "DE")
    returns = [
        Counted("2024", "DE", people=1),
        Counted("soon", "ZZ", people=-1),
        Counted("later", "ZZ", people=1, sector="none"),
        Counted("2024-01/2024-12", "DE", people=2),
    ]

    with pytest.raises(Refused) as refused:
        placements.report(changes, source="nowhere", placements=returns)

    assert paths(refused) == {
        *("source", "placements.1.period", "placements.1.country", "placements.1.people"),
        *("placements.2.period", "placements.2.country", "placements.2.sector", "placements.3"),
    }
    assert held(changes, PlacementReturn) == 0


def test_all_returns_that_overlap_others_are_named(changes: Changes) -> None:
    make_source(changes)
    make_country(changes, "DE")
    placements.report(changes, source="some-source", placements=[Counted("2024", "DE", people=5)])

    quarters = [Counted("2024-01/2024-03", "DE", people=1), Counted("2024-04/2024-06", "DE", people=1)]

    with pytest.raises(Refused) as refused:
        placements.report(changes, source="some-source", placements=quarters)

    assert paths(refused) == {"placements.0", "placements.1"}


def test_a_path_counts_the_items_as_they_were_given(changes: Changes) -> None:
    make_country(changes, "DE")

    with pytest.raises(BadInput) as refused:
        make_engagement(changes, countries=["DE", "DE", "ZZ"])

    assert refused.value.path == ("countries", "2")


def test_one_problem_is_raised_as_it_is() -> None:
    with pytest.raises(BadInput) as refused, checked():
        words(" ", "title")

    assert refused.value.path == ("title",)


def test_a_check_within_a_check_leaves_it_to_the_outer_one_to_tell() -> None:
    def check() -> None:
        with checked():
            with checked():
                words(" ", "title")
            words(" ", "name")

    with pytest.raises(Refused) as refused:
        check()

    assert [problem.path for problem in refused.value.problems] == [("title",), ("name",)]
    assert refused.value.path == ("title",)


def test_what_is_raised_within_a_check_is_told_with_the_rest() -> None:
    def check() -> None:
        with checked():
            refuse(NotFound("No.", path=("name",)))
            raise Conflict("Taken.", path=("reference",))

    with pytest.raises(Refused) as refused:
        check()

    assert [problem.code for problem in refused.value.problems] == ["NOT_FOUND", "CONFLICT"]


def test_outside_a_check_the_first_problem_is_raised_at_once(changes: Changes) -> None:
    with pytest.raises(BadInput):
        code_of(changes, "country", "ZZ", "country")


def test_lists_are_kept_short() -> None:
    with pytest.raises(BadInput, match="501 items"):
        short(range(501), "topics")


def test_long_texts_are_quoted_by_their_beginning(changes: Changes) -> None:
    with pytest.raises(NotFound) as refused:
        make_company(changes, citations=[Cited("x" * 10_000, note="So.")])

    assert len(refused.value.message) < 200


def test_a_revision_is_checked_as_a_whole_too(changes: Changes) -> None:
    make_agreement(changes)
    make_company(changes)
    make_quota(changes)

    with pytest.raises(Refused) as refused:
        agreements.revise(
            changes, reference="uz-de", expected_version=7, type=None, parties=[PartyNamed("ZZ")], citations=None
        )
    assert paths(refused) == {"expectedVersion", "type", "parties.0.country", "citations"}
    with pytest.raises(Refused) as refused:
        companies.revise(changes, reference="works", expected_version=7, name=None, country=None, sectors=["none"])
    assert paths(refused) == {"expectedVersion", "name", "country", "sectors.0"}
    with pytest.raises(Refused) as refused:
        quotas.revise(changes, quota="de-2025", expected_version=7, places=-1, citations=())
    assert paths(refused) == {"expectedVersion", "places", "citations"}


def test_a_made_reference_is_free(changes: Changes) -> None:
    first = make_figure(changes)
    assert first.reference == "figure-1"
    second = figures.report(
        changes,
        measure=first.measure,
        nature=first.nature,
        value=first.value,
        period="2025",
        citations=[Cited("some-source", note="So.")],
    )
    assert second.reference == "figure-2"
    assert make_engagement(changes).reference.startswith("engagement-")


def test_a_made_reference_is_not_given_again_once_its_record_is_withdrawn(any_changes: Changes) -> None:
    for kind, make in ((figures.Figure, make_figure), (engagements.Engagement, make_engagement)):
        first = make(any_changes)
        withdrawn = first.reference
        withdrawal.withdraw(any_changes, kind, key(first))

        assert make(any_changes).reference != withdrawn


# ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_texts_that_cannot_be_written_are_refused_wherever_they_stand(any_changes: Changes) -> None:
    make_agreement(any_changes)

    with pytest.raises(Refused) as refused:
        make_agreement(
            any_changes,
            "a\0",
            title_as_printed="\x07T",
            bindingness_reason="\x1b",
            parties=["UZ"],
            beneficiaries=["workers", "\0"],
            sectors=["F\0"],
            documents=[DocumentStated("T\0", "en", url="https://example.org/\0", source="\0")],
            citations=[Cited("some-source\0", quote="\0", locator="\x01", note="\x7f")],
        )

    assert paths(refused) == {
        *("reference", "titleAsPrinted", "bindingnessReason", "beneficiaries.1", "sectors.0"),
        *("documents.0.title", "documents.0.url", "documents.0.source"),
        *("citations.0.source", "citations.0.quote", "citations.0.locator", "citations.0.note"),
    }


@pytest.mark.parametrize(
    ("write", "said", "path"),
    [
        (make_source, {"reference": "a", "publisher": "\0"}, ("publisher",)),
        (make_institution, {"name_ru": "\0"}, ("nameRu",)),
        (make_company, {"national_number": "\0"}, ("nationalNumber",)),
        (make_quota, {"condition": "\0"}, ("condition",)),
        (make_figure, {"note": "\0"}, ("note",)),
        (make_figure, {"destination_as_printed": "\0"}, ("destinationAsPrinted",)),
    ],
)
def test_a_remark_that_cannot_be_written_is_refused_at_its_field(
    changes: Changes, write: Any, said: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as refused:
        write(changes, **said)

    assert refused.value.path == path


@pytest.mark.parametrize(
    ("write", "field"),
    [
        (make_institution, "names"),
        (make_company, "names"),
        (make_agreement, "beneficiaries"),
        (make_engagement, "topics"),
    ],
)
def test_items_of_a_list_of_texts_are_trimmed_and_none_is_empty(changes: Changes, write: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        write(changes, **{field: ["", "x", " "]})
    assert paths(refused) == {f"{field}.0", f"{field}.2"}

    made = write(changes, **{field: [" x ", "y", "x"]})

    assert [one for one in getattr(made, field) if one != getattr(made, "name", None)] == ["x", "y"]


INVISIBLE = ["\u200b", "\ufeff", "\u2060\u200d", "\u202a\u202c", " \u00ad ", "\u3164", "\u2800\ufe0f", "\ue000"]
TURNED = ["\u202e\u202e", "works\u202e", "\u2067works", "works\u202c", "works\u2069", "\u202a\u2066a\u202c\u2069"]


@pytest.mark.parametrize("text", INVISIBLE + TURNED)
def test_texts_that_nobody_sees_or_that_turn_what_follows_are_refused_wherever_they_stand(
    changes: Changes, text: str
) -> None:
    words = [Cited("some-source", quote=text, locator=text, note=text)]

    with pytest.raises(Refused) as refused:
        make_company(changes, name=text, names=["Works", text], national_number=text, citations=words)

    assert paths(refused) == {
        *("name", "names.1", "nationalNumber"),
        *("citations.0.quote", "citations.0.locator", "citations.0.note"),
    }
    with pytest.raises(Refused) as refused:
        make_agreement(changes, title_as_printed=text, titles=[TitleGiven(Language.EN, text)], bindingness_reason=text)
    assert paths(refused) == {"titleAsPrinted", "titles.0.title", "bindingnessReason"}


@pytest.mark.parametrize(
    "text",
    [
        "\u202b\u05e9\u05dc\u05d5\u05dd\u202c",
        "\u2067\u202aa\u202c\u2069 b",
        "\u2068ab\u2069",
        "a\u200cb",
        "\ufeffa",
        "—",
        "7",
        "€",
        "🌾\ufe0f",
    ],
)
def test_texts_of_which_something_is_seen_and_that_turn_back_are_taken(changes: Changes, text: str) -> None:
    company = make_company(changes, name=text, citations=[Cited("some-source", note=text)])

    assert company.name == text


def test_a_remark_of_white_space_alone_is_none(changes: Changes) -> None:
    assert make_company(changes, national_number=" \u00a0\u2003").national_number is None


def test_whoever_leaves_a_field_empty_is_told_what_that_field_is_for(changes: Changes) -> None:
    with pytest.raises(BadInput) as refused:
        words(" ", "name")
    assert refused.value.hint == "Give at least one letter, digit or sign."
    with pytest.raises(BadInput) as refused:
        why(" ")
    assert (refused.value.path, refused.value.hint) == (
        ("reason",),
        "Say why this is entered; the log of changes keeps it.",
    )


# ── References ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reference",
    [".", "..", "-", '"><script>', "'x", "a\\b", "a_b", "a\u200bb", "e\u0301-h", "\u212b", "x" * 201, "", "a\n"],
)
def test_a_reference_by_which_no_page_could_be_reached_is_refused(changes: Changes, reference: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_source(changes, reference)

    assert refused.value.path == ("reference",)


@pytest.mark.parametrize("reference", ["uz-de.2024", "\u00e9-h", "Ўзбекистон-1", "7", ".a", "x" * 200])
def test_letters_digits_hyphens_and_full_stops_make_a_reference(changes: Changes, reference: str) -> None:
    assert make_source(changes, reference).reference == reference


def test_a_record_whose_reference_would_be_refused_today_is_revised_and_withdrawn_all_the_same(
    changes: Changes,
) -> None:
    company = make_company(changes)
    company.reference = "'w\\orks_1"
    changes.session.flush()

    assert companies.revise(changes, reference="'w\\orks_1", expected_version=1, name="Others").name == "Others"
    assert company.id is not None
    withdrawal.withdraw(changes, companies.Company, company.id)

    assert held(changes, companies.Company) == 0


def test_a_language_tag_is_kept_as_bcp_47_writes_it(changes: Changes) -> None:
    stated = DocumentStated("Text", "UZ-CYRL")
    agreement = make_agreement(changes, title_language="PT-br", documents=[stated])

    assert agreement.title_language == "pt-BR"
    assert changes.session.scalars(sa.select(agreements.Document)).one().language == "uz-Cyrl"
    assert make_source(changes, "other", language="DE").language == "de"
