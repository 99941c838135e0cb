"""Finding records by words."""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry

from registry import agreements, companies, countries, engagements, institutions, programmes
from registry.errors import BadInput
from registry.history import table_behind
from registry.search import SearchKind, found, leading, snippet, sought, whole
from schema.agreements import Agreement
from schema.companies import Company
from schema.conditions import by, has, one_of
from schema.context import Context, Moment
from schema.countries import Country
from schema.engagements import Engagement
from schema.execution.asked import LONGEST_TEXT, check_sizes
from schema.execution.field import argument, computed, declare
from schema.execution.source import AnyOf, Condition, Listing, Page, Worked
from schema.institutions import Institution
from schema.programmes import Programme
from schema.relay import PAGING, PageInfo, Shown, paged
from schema.scalars import CountryCode, enum
from schema.sectors import Sector

enum(SearchKind)

SearchResult = Annotated[
    Agreement | Company | Country | Sector | Institution | Programme | Engagement,
    strawberry.union("SearchResult", description="A record that was found by words."),
]

_BY_CODE = ("Country", "Sector")
_BY_ID = ("Agreement", "Company", "Institution", "Programme", "Engagement")
_RECORD = AnyOf(
    "subject_type", tuple((kind, "code" if kind in _BY_CODE else "record_id") for kind in _BY_CODE + _BY_ID)
)


@strawberry.type(description="A record that was found, and the words that it was found by.")
class SearchEdge(Shown):
    cursor: str = paged("Resumes the list after, or before, this record.")
    node: SearchResult = declare(_RECORD, "The record.")

    @computed("The matched words in their context.", source=Worked(("texts", "said")))
    def snippet(self) -> str:
        return snippet(self.row.texts, self.row.said)


@strawberry.type(description="A page of what was found, best first, and how to go on.")
class SearchConnection(Shown):
    edges: list[SearchEdge] = paged("What was found, each with its cursor and its words.")
    nodes: list[SearchResult] = declare(_RECORD, "The records of the page.")
    page_info: PageInfo = paged("Where the page begins and ends.")
    total_count: int = paged("Number of records found, whatever the page cuts.")


def _rows(moment: Moment, context: Context, values: Mapping[str, Any]) -> sa.FromClause:
    country = table_behind(countries.Country)
    by_alpha3 = sa.select(country.c.code).where(country.c.alpha3 == values["code"]).scalar_subquery()
    code = sa.func.coalesce(by_alpha3, values["code"])
    answers = found(values["question"], values["leading"], values["whole"], code)
    return answers.add_columns(sa.type_coerce(values["said"], sa.String()).label("said")).subquery()


def _exists_on_day(rows: sa.FromClause, moment: Moment) -> Condition:
    """Agreements that do not exist yet on the legal day are not found on it."""
    agreement = table_behind(agreements.Agreement).alias()
    there = sa.exists().where(agreement.c.id == rows.c.record_id, agreement.c.exists_from <= moment.day)
    return sa.or_(rows.c.subject_type != "Agreement", there)


#: By which countries records of a kind are narrowed: the parties of an agreement, who took part in a dealing, the seat.
_OF_COUNTRIES = {
    "Agreement": has(agreements.Party, "agreement_id", "country_code", "record_id"),
    "Company": has(companies.Company, "id", "country_code", "record_id"),
    "Country": one_of("code"),
    "Engagement": has(engagements.EngagementCountry, "engagement_id", "country_code", "record_id"),
    "Institution": has(institutions.Institution, "id", "country_code", "record_id"),
    "Programme": has(programmes.Programme, "id", "country_code", "record_id"),
}


def _of_countries(rows: sa.FromClause, codes: Any, moment: Moment) -> Condition:
    """Records of one of some countries; sectors are of none."""
    return sa.or_(
        *(
            sa.and_(rows.c.subject_type == kind, condition(rows, codes, moment))
            for kind, condition in _OF_COUNTRIES.items()
        )
    )


def _asked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    text = arguments["text"]
    narrowed = {name: arguments.get(name) for name in ("kinds", "country")}
    if len(text) > LONGEST_TEXT:
        message = f"The text has {len(text):,} characters; {LONGEST_TEXT} are the most."
        raise BadInput(message, path=("text",), hint="A few words are enough.")
    check_sizes(narrowed)
    said = "".join(letter if letter.isprintable() else " " for letter in text)
    values = {"question": sought(text), "leading": leading(text), "whole": whole(text), "said": said}
    values["code"] = said.strip().upper()
    return values | {name: value for name, value in narrowed.items() if value not in (None, strawberry.UNSET)}


_FOUND = Listing(
    kind=SearchEdge,
    rows=_rows,
    asks=_asked,
    always=_exists_on_day,
    conditions={
        "question": lambda rows, value, moment: None,
        "leading": lambda rows, value, moment: None,
        "whole": lambda rows, value, moment: None,
        "said": lambda rows, value, moment: None,
        "code": lambda rows, value, moment: None,
        "kinds": one_of("kind"),
        "country": _of_countries,
    },
    orders={"BEST": by("tier", "kind_rank", "sort_key")},
    tie=("id",),
)


def search() -> Any:
    """The field that finds records by words."""
    return declare(
        Page(_FOUND),
        "Finds records by words in English, Russian or Uzbek in either script, any apostrophe, inflected or not.",
        argument("text", str, "The words sought; a record has all of them, or words that begin so."),
        argument("kinds", list[SearchKind] | None, "Only records of these kinds; left out, of all."),
        argument(
            "country",
            list[CountryCode] | None,
            "Only what one of these countries is party to or took part in, what sits there, and itself; left out, all.",
        ),
        *PAGING,
    )
