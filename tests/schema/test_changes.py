"""The log of changes as clients read it."""

import pytest

from registry.errors import BadInput
from schema.changes import cursor_of, position_of
from schema.execution.cursors import encode


def test_a_cursor_of_the_log_names_a_position() -> None:
    assert position_of(cursor_of(7, "key"), "key") == 7


@pytest.mark.parametrize(
    "cursor", [cursor_of(7, "another key"), encode([7], "Agreement.REFERENCE.False", "key"), "7", ""]
)
def test_a_cursor_that_was_not_given_for_the_log_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput) as refusal:
        position_of(cursor, "key")

    assert refusal.value.path == ("after",)
