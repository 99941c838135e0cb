"""What looks odd about a stage of a partnership, or about a licence: that it stands there already, word for word."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from registry.companies import Licence, Partnership
from registry.history import Changes, table_behind
from registry.lint.notices import Notice


def of_partnership(changes: Changes, partnership: Partnership, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a stage that has been recorded: another that says the same."""
    if _has_twin(changes, partnership):
        yield Notice(
            "DUPLICATE",
            ("stage",),
            f"The stage {partnership.stage} is on record already, with the same agreement and days.",
            "Withdraw one of the two (partnershipWithdraw); one stage can name several sources.",
        )


def of_licence(changes: Changes, licence: Licence, _said: Mapping[str, Any]) -> Iterator[Notice]:
    """What looks odd about a licence that has been recorded: another that says the same."""
    if _has_twin(changes, licence):
        yield Notice(
            "DUPLICATE",
            ("state",),
            f"The licence is on record already as {licence.state}, with the same number, institution and days.",
            "Withdraw one of the two (licenceWithdraw); one licence can name several sources.",
        )


def _has_twin(changes: Changes, row: Partnership | Licence) -> bool:
    columns = table_behind(type(row)).c
    same = (column.is_not_distinct_from(getattr(row, column.name)) for column in columns if column.name != "id")
    return changes.session.execute(sa.select(columns.id).where(columns.id != row.id, *same)).first() is not None
