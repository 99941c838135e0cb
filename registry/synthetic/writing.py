"""How synthetic rows are written: in bulk, table by table, each with its id, and each fact with its words."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from sqlmodel import SQLModel

from registry.history import Changes, Record, Row
from registry.history.shape import kind_of
from registry.sources import Citation

#: Called with what is being made, how many rows of it there are by now, and how many there will be.
Tell = Callable[[str, int, int], None]

#: What every text that a reader might take for a fact begins with.
MARK = "SYNTHETIC"

_ROWS_HELD = 20_000


class Writer:
    """Collects rows and writes them many at once, those that others point to first."""

    def __init__(self, changes: Changes, tell: Tell) -> None:
        self.changes = changes
        self.session = changes.session
        self.tell = tell
        self._held: dict[str, list[dict[str, Any]]] = {}
        self._count = 0
        self._last: Counter[str] = Counter()

    def add(self, kind: type[Row], /, **columns: Any) -> int:
        """Adds a row and says its id; 0 for rows without one. Columns left out have their default."""
        table = str(kind.__tablename__)
        number = 0
        if issubclass(kind, Record):
            self._last[table] += 1
            columns["id"] = number = self._last[table]
        self._held.setdefault(table, []).append({**_defaults(kind), **columns})
        self._count += 1
        if self._count >= _ROWS_HELD:
            self.flush()
        return number

    def cite(self, fact: type[Record], number: int, source: int, words: str, /, **columns: Any) -> None:
        """Writes down the words of a fact; one in twenty is held by its sense only."""
        quoted = (self._last["citation"] + 1) % 20 != 0
        told = {"quote": f"{MARK}: {words}."} if quoted else {"note": f"{MARK}: in the sense of “{words}”."}
        place = {"subject": fact.__name__, "subject_id": number, "position": 0, "node": fact.__name__}
        self.add(Citation, **{**place, "node_id": number, "source_id": source, **told, **columns})

    def write(self, kind: type[Record], rows: Iterable[list[dict[str, Any]]]) -> None:
        """Writes rows with all their columns, lists of them at a time, after everything that is held."""
        self.flush()
        for some in rows:
            self.changes.insert(kind, some)
            self._last[str(kind.__tablename__)] += len(some)

    def flush(self) -> None:
        """Writes what is held."""
        for table in SQLModel.metadata.sorted_tables:
            if rows := self._held.pop(table.name, None):
                self.changes.insert(kind_of(table.name), rows)
        self._count = 0


@cache
def _defaults(kind: type[Row]) -> dict[str, Any]:
    """What a column is where nothing is said; every row of a table needs the same columns."""
    return {
        name: None if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
    }
