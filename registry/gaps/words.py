"""Records with facts that no citation has the words of."""

from typing import Any

import sqlalchemy as sa

from registry.agreements import Agreement, LegalAct
from registry.companies import Company
from registry.engagements import Engagement, EngagementCountry
from registry.figures import Figure, FigureDestination
from registry.gaps.kinds import GapKind
from registry.gaps.scope import Scope, gaps_of
from registry.history import table_behind as table
from registry.institutions import Institution
from registry.programmes import Programme
from registry.quotas import Quota
from registry.sources import Citation


def unquoted(scope: Scope) -> list[sa.Select[Any]]:
    """Records of each type that a citation may belong to, as far as they are in lists on the day."""
    if scope.agreement_ids is not None:
        return _unquoted_of_agreements(scope)
    if scope.company_ids is not None:
        return [_unquoted_companies(scope)]
    selects = [*_unquoted_of_agreements(scope), _unquoted_companies(scope)]
    engagement, institution, programme = table(Engagement), table(Institution), table(Programme)
    figure, quota = table(Figure), table(Quota)
    destination, taking_part = table(FigureDestination), table(EngagementCountry)
    stated = _first(scope, destination, destination.c.figure_id == figure.c.id)
    invited = _first(scope, taking_part, taking_part.c.engagement_id == engagement.c.id)
    for kind, record, country, shown in (
        (Quota, quota, quota.c.country_code, None),
        (Figure, figure, stated, _names(scope, destination.c.figure_id, figure)),
        (Engagement, engagement, invited, _names(scope, taking_part.c.engagement_id, engagement)),
        (Institution, institution, institution.c.country_code, institution.c.comparator.is_(False)),
        (Programme, programme, programme.c.country_code, programme.c.comparator.is_(False)),
    ):
        select = _without_words(scope, kind, record, record, record.c.reference, country)
        select = select.where(*scope.about(country))
        selects.append(select if shown is None else select.where(shown))
    return selects


def _unquoted_companies(scope: Scope) -> sa.Select[Any]:
    company = table(Company)
    select = _without_words(scope, Company, company, company, company.c.reference, company.c.country_code)
    return select.where(*scope.about(company.c.country_code), *scope.of_companies())


def _unquoted_of_agreements(scope: Scope) -> list[sa.Select[Any]]:
    agreement, act = table(Agreement), table(LegalAct)
    rows: tuple[tuple[Any, sa.Table, sa.FromClause], ...] = (
        (Agreement, agreement, agreement),
        (LegalAct, act, act.join(agreement, agreement.c.id == act.c.agreement_id)),
    )
    selects = []
    for kind, record, among in rows:
        joined, country, shown = scope.of_agreements(among)
        select = _without_words(scope, kind, record, joined, agreement.c.reference, country, agreement.c.id)
        selects.append(select.where(*shown, scope.exists()))
    selects[1] = selects[1].where(act.c.in_record)
    return selects


def _names(scope: Scope, owner: sa.ColumnElement[int], record: sa.Table) -> sa.ColumnElement[bool] | None:
    """That a list of countries, whose rows name their owner, has one that is asked for: few records are left."""
    if scope.countries is None:
        return None
    listed = owner.table.c.country_code.in_(scope.countries)
    return record.c.id.in_(sa.select(owner).where(listed))


def _without_words(
    scope: Scope,
    kind: Any,
    record: sa.Table,
    rows: sa.FromClause,
    reference: sa.ColumnElement[str],
    country_code: sa.ColumnElement[Any],
    agreement_id: sa.ColumnElement[int] | None = None,
) -> sa.Select[Any]:
    """Records with facts that no citation has the words of, and how many: the first citation stands for a fact."""
    citation, other = table(Citation), table(Citation).alias("other_citation")
    told = sa.exists().where(
        other.c.subject == citation.c.subject,
        other.c.subject_id == citation.c.subject_id,
        sa.or_(other.c.quote.is_not(None), other.c.position < citation.c.position),
    )
    wordless = sa.and_(
        citation.c.node == kind.__name__,
        citation.c.node_id == record.c.id,
        citation.c.quote.is_(None),
        sa.not_(told),
    )
    details: dict[str, Any] = {} if agreement_id is None else {"agreement_id": agreement_id}
    shown = [record.c.id, reference, *details.values()]
    if not isinstance(country_code, sa.ScalarSelect):
        shown.append(country_code)
    facts = sa.func.count(citation.c.id)
    details["number"] = facts
    select = gaps_of(GapKind.UNQUOTED, kind.__name__, record.c.id, reference, country_code, **details)
    # An outer join begins with the records, whatever the database would think best.
    joined = rows.join(citation, wordless, isouter=scope.narrowed)
    return select.select_from(joined).group_by(*shown).having(facts > 0)


def _first(scope: Scope, countries: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[str]:
    """The first country of a list other than the home country."""
    return (
        sa.select(countries.c.country_code)
        .where(condition, countries.c.country_code != scope.home_country)
        .order_by(countries.c.position)
        .limit(1)
        .scalar_subquery()
    )
