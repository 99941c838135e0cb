"""Whether what is stored is sound: what is derived equals what follows afresh, and every fact has its words."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import (
    agreements,
    companies,
    countries,
    engagements,
    figures,
    institutions,
    placements,
    programmes,
    quotas,
    sources,
    utilisation,
)
from registry.database import migrate, open_engine
from registry.dates import BEGINNING, FOREVER, parse_edtf
from registry.errors import BadInput
from registry.history import Record, Row, logged_tables
from registry.history.replay import FAR, chain_faults, changes_between, redo, replaying
from registry.history.shape import logged_columns

#: What needs a citation, and the column that names the record it belongs to, where that is not itself.
FACTS: dict[type[Record], tuple[type[Record], str]] = {
    agreements.Agreement: (agreements.Agreement, "id"),
    agreements.LegalAct: (agreements.LegalAct, "id"),
    companies.Company: (companies.Company, "id"),
    companies.Partnership: (companies.Company, "company_id"),
    companies.Licence: (companies.Company, "company_id"),
    quotas.Quota: (quotas.Quota, "id"),
    quotas.QuotaRevision: (quotas.Quota, "quota_id"),
    figures.Figure: (figures.Figure, "id"),
    engagements.Engagement: (engagements.Engagement, "id"),
    institutions.Institution: (institutions.Institution, "id"),
    programmes.Programme: (programmes.Programme, "id"),
}

#: Agreements compared at once.
_BATCH = 500


def verify(engine: sa.Engine) -> list[str]:
    """The faults of a registry, a sentence each; none means that it is sound."""
    with Session(engine) as session:
        return [
            fault
            for check in (_foreign_keys, _citations, _dates, _keys, _parts, _timelines, _derived, _sums, _uses, _log)
            for fault in check(session)
        ]


def _foreign_keys(session: Session) -> Iterator[str]:
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            other = key.column.table.alias("other")
            lost = sa.select(sa.func.count()).select_from(
                table.outerjoin(other, key.parent == other.c[key.column.name])
            )
            count = session.scalar(lost.where(key.parent.is_not(None), other.c[key.column.name].is_(None)))
            if count:
                yield f"{table.name}.{key.parent.name} names {count} rows of {key.column.table.name} that do not exist."


def _citations(session: Session) -> Iterator[str]:
    citation = _table("citation").c
    known = {fact.__name__ for fact in FACTS}
    for subject in session.scalars(sa.select(citation.subject).distinct().where(citation.subject.not_in(known))):
        yield f"Citations speak of {subject}, which is no kind of fact."
    wordless = sa.select(citation.id).where(
        sa.func.trim(sa.func.coalesce(citation.quote, "")) == "",
        sa.func.trim(sa.func.coalesce(citation.note, "")) == "",
    )
    yield from (f"Citation {found} has neither words nor their sense." for found in session.scalars(wordless))
    for fact, (node, owner) in FACTS.items():
        rows = _table(fact).c
        about = citation.subject == fact.__name__
        unsourced = sa.select(rows.id).where(~sa.exists().where(about, citation.subject_id == rows.id))
        yield from (f"{fact.__name__} {found} has no source." for found in session.scalars(unsourced))
        belongs = sa.exists().where(
            rows.id == citation.subject_id, citation.node == node.__name__, citation.node_id == rows[owner]
        )
        lost = sa.select(citation.id).where(about, ~belongs)
        yield from (f"Citation {found} belongs to no {fact.__name__}." for found in session.scalars(lost))


def _dates(session: Session) -> Iterator[str]:
    """The bounds beside each EDTF text are those that it has."""
    for table in SQLModel.metadata.sorted_tables:
        for edtf in table.c:
            ends = next((ends for ends in _ENDS if all(f"{edtf.name}_{end}" in table.c for end in ends)), None)
            if ends is None:
                continue
            bounds = [table.c[f"{edtf.name}_{end}"] for end in ends]
            for text, *stored in session.execute(sa.select(edtf, *bounds).distinct()):
                if stored != _bounds(text):
                    yield f"The bounds of {text} in {table.name}.{edtf.name} are not those stored."


_ENDS = (("earliest", "latest"), ("start", "end"))


def _bounds(edtf: str | None) -> list[Any]:
    if edtf is None:
        return [None, None]
    try:
        days = parse_edtf(edtf)
    except BadInput:
        return [edtf, edtf]
    return [days.earliest, days.latest]


def _keys(session: Session) -> Iterator[str]:
    """What records are ordered and found by follows from their names, a quota's key from its period."""
    for country in session.scalars(sa.select(countries.Country)):
        if (country.sort_key, country.text_key) != countries.keys(country):
            yield f"Country {country.code} is ordered or found by other words than its names."
    for company in session.scalars(sa.select(companies.Company)):
        if (company.sort_key, company.text_key) != companies.keys(company):
            yield f"Company {company.reference} is ordered or found by other words than its names."
    for source in session.scalars(sa.select(sources.Source)):
        if source.text_key != sources.text_key(source):
            yield f"Source {source.reference} is found by other words than its own."
    for quota in session.scalars(sa.select(quotas.Quota)):
        if quota.period_key != (quota.period_start or BEGINNING):
            yield f"Quota {quota.reference} is ordered by another day than the first of its period."


def _parts(session: Session) -> Iterator[str]:
    """Every code is covered by itself and by all above it, and by nothing else."""
    for name in ("sector", "occupation"):
        codes, parts = _table(name).c, _table(f"{name}_part").c
        parent = {code: above for code, above in session.execute(sa.select(codes.code, codes.parent_code))}
        covered = {(whole, code) for code in parent for whole in _above(code, parent)}
        stored = {(whole, part) for whole, part in session.execute(sa.select(parts.whole_code, parts.part_code))}
        yield from (f"{name}_part is wrong of {whole} and {part}." for whole, part in sorted(covered ^ stored))


def _above(code: str | None, parent: dict[str, str | None]) -> Iterator[str]:
    while code is not None:
        yield code
        code = parent.get(code)


def _timelines(session: Session) -> Iterator[str]:
    """The spans of an agreement partition all days, and neighbours differ."""
    span = agreements.StatusSpan
    spans: dict[int, list[agreements.StatusSpan]] = {}
    for row in session.scalars(sa.select(span).order_by("agreement_id", "from_day")):
        spans.setdefault(row.agreement_id, []).append(row)
    for agreement_id, reference in session.execute(
        sa.select(_table("agreement").c.id, _table("agreement").c.reference)
    ):
        rows = spans.get(agreement_id, [])
        days = [BEGINNING, *(row.until_day for row in rows)]
        if [row.from_day for row in rows] + [FOREVER] != days:
            yield f"The timeline of {reference} has gaps or overlaps."
        if any((one.status, one.possible) == (next_.status, next_.possible) for one, next_ in pairwise(rows)):
            yield f"The timeline of {reference} has neighbours that do not differ."


def _derived(session: Session) -> Iterator[str]:
    """What is stored beside the agreements equals what follows from their acts and terms afresh."""
    agreement = _table("agreement").c
    references = {one: reference for one, reference in session.execute(sa.select(agreement.id, agreement.reference))}
    ids = sorted(references)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        stored, afresh = agreements.stored_rows(session, batch), agreements.derived_rows(session, batch)
        for kind in afresh:
            differing = _by_agreement(stored[kind]).items() ^ _by_agreement(afresh[kind]).items()
            for agreement_id in sorted({agreement_id for agreement_id, _rows in differing}):
                yield f"The {kind.__name__} of {references[agreement_id]} is not what follows from its acts and terms."


def _sums(session: Session) -> Iterator[str]:
    """The sums kept beside placement returns are those of the returns."""
    for name, kept, count in placements.differing(session):
        yield f"{count} rows of {name} that keep apart {kept} are not what the returns add up to."


def _uses(session: Session) -> Iterator[str]:
    """The utilisation stored beside each quota is what follows from the quota and the returns."""
    for quota_id in utilisation.differing(session):
        quota = session.get_one(quotas.Quota, quota_id)
        yield f"The utilisation of {quota.reference} is not what follows from the quota and the returns."


def _log(session: Session) -> Iterator[str]:
    """The log is whole and unaltered, and tells how everything that is recorded came to be so."""
    yield from chain_faults(session)
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/replayed.db")
        try:
            migrate(engine)
            with replaying(engine) as replayed:
                for change in changes_between(session.connection(), 0, FAR):
                    redo(replayed, change.rows)
                yield from (
                    f"{count} rows of {table.name} are not as the log tells."
                    for table in logged_tables()
                    if (count := _rows_that_differ(table, session.connection(), replayed))
                )
        finally:
            engine.dispose()


def _rows_that_differ(table: sa.Table, one: sa.Connection, other: sa.Connection) -> int:
    """How many rows of a table are not the same in two registries, as far as the log tells of them."""
    columns = [table.c[name] for name in logged_columns(table.name)]
    rows = sa.select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=1_000)
    alone: Counter[str] = Counter()
    for mine, theirs in zip_longest(one.execute(rows), other.execute(rows)):
        if mine != theirs:
            alone.update({repr(mine): 1})
            alone.subtract({repr(theirs): 1})
    return max(sum((+alone).values()), sum((-alone).values()))


def _by_agreement(rows: list[dict[str, Any]]) -> dict[int, str]:
    groups: dict[int, list[str]] = {}
    for row in rows:
        told = json.dumps(row, default=str, sort_keys=True)
        groups.setdefault(row["agreement_id" if "agreement_id" in row else "id"], []).append(told)
    return {agreement_id: "\n".join(sorted(told)) for agreement_id, told in groups.items()}


def _table(kind: type[Row] | str) -> sa.Table:
    return SQLModel.metadata.tables[kind if isinstance(kind, str) else str(kind.__tablename__)]
