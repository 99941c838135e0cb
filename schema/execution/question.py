"""What one request asks, as far as it is known before anything is read: of each argument, and what it costs.

Most of it follows the document and the shape of its variables, and is worked out once for each shape: a `Frame`. What
every request brings anew are the values that are bound.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues
from strawberry import Schema

from registry.errors import RegistryError, TooLarge
from registry.settings import Settings
from schema.execution import cost
from schema.execution.asked import Asked, Check, Chosen, Refused, ask
from schema.execution.selection import Selection, Slot

if TYPE_CHECKING:
    from schema.execution.prepared import Document

#: Earlier moments of knowledge that one query may ask for.
MOST_KNOWN = 4

#: Seconds that an event loop waits for an answer to be worked out on it, where nothing else is said.
SHORT = 0.003

#: By how much at most the time that an answer is held to take grows and shrinks with each run. They are such that it
#: settles where one run in five takes longer: a few that are long by chance, as while others have the processor, do not
#: make it long for all that follow.
GROWING, SHRINKING = 1.2, 0.955

#: Seconds that an answer is held to take once it was broken off on the event loop: it is long before it is short again.
FOR_LONG = 10.0

#: Things of each kind that are remembered of an operation: what arguments asked for, characters of the values of
#: objects among them, and frames.
MOST_BEFORE, LONGEST_VALUES, MOST_FRAMES = 16, 200, 16


@dataclass(eq=False)
class Frame:
    """What of a question follows the shapes of its arguments.

    `shapes` decide the plan. `records` are those that it may lead to, `listed` those of them that stand in lists,
    `points` is what all of it costs; see `cost`. `earlier` tells that it asks what was known earlier.
    """

    shapes: tuple[Hashable, ...]
    records: int
    listed: int
    points: float
    earlier: bool


@dataclass
class Question:
    """What is asked by one request: a selection, what its arguments are as far as their shape goes, and their values.

    `checks` are to be made of what the arguments at a place ask for; `refused` tells what is wrong with them.
    """

    prepared: "Prepared"
    frame: Frame
    values: list[Any]
    checks: Sequence[tuple[int, Check]]
    refused: Mapping[int, Exception]

    @property
    def varying(self) -> list[Hashable]:
        """What variables shape of the plan; the document, which is bounded itself, says the rest."""
        return [self.frame.shapes[slot.place] for slot in self.prepared.varying]


#: What stands for the arguments at a place where they are refused.
_REFUSED = Asked(Refused(), reach=0)


class Prepared:
    """A selection, what its arguments ask for where that does not follow the variables, and how to find out the rest.

    `document` is that which it will be asked for again by; `beyond` tells for which shapes its plan was given up last,
    because it would have been too long, and how that is told.
    """

    def __init__(
        self,
        schema: Schema,
        settings: Settings,
        selection: Selection,
        variables: VariableValues,
        document: "Document | None" = None,
    ) -> None:
        self.schema, self.settings, self.selection, self.document = schema, settings, selection, document

        #: The places whose arguments follow variables; what is asked for at the others, and what is wrong there.
        self.varying = [slot for slot in selection.slots if slot.varies]
        self._asks = [_asking(slot) for slot in selection.slots]
        self._refused: dict[int, Exception] = {}
        self._fixed = [
            _REFUSED if slot.varies else self._taken(slot, self._slot(slot, variables), self._refused)
            for slot in selection.slots
        ]
        self._values = [each.values for each in self._fixed]
        self._checks = [(place, check) for place, each in enumerate(self._fixed) for check in each.checks]

        #: How long it takes to answer it, but for the longest runs, in seconds of a processor.
        self._took = math.inf
        self.beyond: tuple[Hashable, TooLarge] | None = None

        #: What arguments asked for with the values that variables had before, by their place and these values.
        self.before: dict[tuple[int, Hashable], Asked] = {}
        self.frames: dict[Hashable, Frame] = {}

    def ran(self, seconds: float) -> None:
        """Notes how long it has taken."""
        if self._took == math.inf:
            self._took = seconds
        else:
            self._took = min(max(seconds, self._took * SHRINKING), self._took * GROWING)

    def was_broken_off(self) -> None:
        """Notes that it took longer than the event loop may wait."""
        self._took = FOR_LONG

    def is_short(self, patience: float) -> bool:
        """Whether it has proved to take less than so many seconds, whatever was to be feared."""
        return self._took < patience

    @property
    def lasting(self) -> bool:
        """Whether it is kept for the next time."""
        return self.document is not None and self.document.lasting

    # ── What is asked ─────────────────────────────────────────────────────────────────────────────

    def question(self, variables: VariableValues) -> Question:
        """What is asked with these variables. Raises `TooLarge`."""
        found: dict[int, Exception] = {}
        key: list[Hashable] = []
        values, checks, refused = self._values.copy(), self._checks, self._refused
        varying: list[Asked] = []
        for slot in self.varying:
            each = self._taken(slot, self._varying(slot, variables), found)
            varying.append(each)
            key += each.shape, each.reach, each.points
            values[slot.place] = each.values
            if each.checks:
                checks = sorted([*checks, *((slot.place, check) for check in each.checks)], key=itemgetter(0))
        frame = self.frames.get(tuple(key))
        if frame is None:
            frame = self._framed(varying)
            self._remember(self.frames, tuple(key), frame, MOST_FRAMES)
        if found:
            refused = dict(sorted({**refused, **found}.items(), key=itemgetter(0)))
        if frame.earlier:
            _check_moments(values)
        return Question(self, frame, values, checks, refused)

    def _taken(self, slot: Slot, found: Asked | Exception, refused: dict[int, Exception]) -> Asked:
        """What is asked for at a place; what is wrong there is noted."""
        if isinstance(found, Exception):
            refused[slot.place] = found
            return _REFUSED
        return found

    def _framed(self, varying: Sequence[Asked]) -> Frame:
        """What follows the shapes of all arguments, of which these vary. Raises `TooLarge`."""
        asked = self._fixed.copy()
        for slot, each in zip(self.varying, varying, strict=True):
            asked[slot.place] = each
        reach: list[int] = []
        places: list[float] = []
        points, listed = self.selection.points, 0
        for slot, each in zip(self.selection.slots, asked, strict=True):
            times = each.reach if slot.leads else 1
            around = slot.around
            reach.append(times * (1 if around is None else reach[around]))
            places.append(times * slot.times * (1 if around is None else places[around]))
            points += each.points + slot.points * places[-1]
            listed += reach[-1] if slot.leads else 0
        self._check_size(sum(reach), points)
        earlier = any(_known(each.values) for each in asked)  # which the shape says too
        return Frame(tuple(each.shape for each in asked), sum(reach), listed, points, earlier)

    def _check_size(self, records: int, points: float) -> None:
        """Raises `TooLarge` where a question leads to more, or costs more, than one may."""
        most = self.settings.query_records_max
        if records > most:
            details = {"counted": "records", "found": records, "limit": most}
            said = f"The query may lead to {records:,} records; one query may lead to {most:,}."
            raise TooLarge(said, hint="Ask for smaller pages by `first`, or in several queries.", details=details)
        most, found = self.settings.query_cost_max, cost.told(points)
        if found > most:
            details = {"counted": "cost", "found": found, "limit": most}
            said = f"The query costs {found:,} points; one query may cost {most:,}."
            raise TooLarge(said, hint="Ask for smaller pages by `first`, or in several queries.", details=details)

    # ── One place of arguments ────────────────────────────────────────────────────────────────────

    def _slot(self, slot: Slot, variables: VariableValues) -> Asked | Exception:
        try:
            given = slot.arguments(self.schema, variables)
            return self._asks[slot.place](given, self.settings)
        except (RegistryError, GraphQLError) as refusal:
            return refusal

    def _varying(self, slot: Slot, variables: VariableValues) -> Asked | Exception:
        """What the arguments at a place ask for; as far as they have the values that they had before, as then.

        To coerce an object, or to find out what a page asks for, takes longer than to read a record.
        """
        parted = slot.parted
        if parted is not None and parted.cursors is not None:
            return self._next_page(slot, parted.cursors, variables)
        if parted is None or not parted.nested:
            return self._slot(slot, variables)
        given = {name: variables.coerced[name] for name in slot.follows if name in variables.coerced}
        text = repr(given)
        if (known := self.before.get((slot.place, text))) is not None:
            return known
        asked = self._slot(slot, variables)
        if isinstance(asked, Asked) and len(text) <= LONGEST_VALUES:
            self._remember(self.before, (slot.place, text), asked, MOST_BEFORE)
        return asked

    def _next_page(self, slot: Slot, by: Mapping[str, str], variables: VariableValues) -> Asked | Exception:
        """What a page asks for whose cursors alone are brought anew."""
        cursors = {name: variables.coerced.get(variable) for name, variable in by.items()}
        key = slot.place, tuple([cursor is None for cursor in cursors.values()])
        known = self.before.get(key)
        if known is not None:
            return known.at(**cursors)
        asked = self._slot(slot, variables)
        if isinstance(asked, Asked):
            self._remember(self.before, key, asked, MOST_BEFORE)
        return asked

    def _remember(self, kept: dict[Any, Any], key: Hashable, thing: object, most: int) -> None:
        if self.lasting:
            if len(kept) >= most:
                kept.clear()
            kept[key] = thing


def _asking(slot: Slot) -> Callable[[Mapping[str, Any], Settings], Asked]:
    """What finds out what the arguments at a place ask for."""
    source = getattr(slot.declared, "source", None)
    return partial(ask.dispatch(type(source)), source)


def _known(values: Any) -> list[Any]:
    """The earlier moments of knowledge among what is bound to one place."""
    moments = values.moments if isinstance(values, Chosen) else ()
    return [picked.known for picked in moments if picked.known is not None]


def _check_moments(values: Sequence[Any]) -> None:
    """Raises `TooLarge` where more has to be made ready for one answer than for many others together."""
    known = {moment for each in values for moment in _known(each)}
    if len(known) > MOST_KNOWN:
        raise TooLarge(
            f"The query asks for {len(known)} moments of knowledge; one query may ask for {MOST_KNOWN}.",
            hint="Compare a few moments at a time.",
        )
