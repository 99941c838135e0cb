"""The events that hold on a day: of which kind, of which party, of all."""

from collections.abc import Iterable, Sequence
from datetime import date

from registry.status.kinds import LegalActKind
from registry.status.record import Case, Event


class Held:
    """The events that hold, by kind, each kind in order of days; `foreseen` are those that count come or not."""

    __slots__ = ("_by_kind", "case", "events", "foreseen")

    def __init__(self, case: Case, events: Iterable[Event], foreseen: Sequence[Event]) -> None:
        self.case = case
        self.events = tuple(events)
        self.foreseen = foreseen
        self._by_kind: dict[LegalActKind, list[Event]] = {}
        for event in self.events:
            self._by_kind.setdefault(event.deed.kind, []).append(event)

    def __bool__(self) -> bool:
        return bool(self._by_kind)

    def of(self, *kinds: LegalActKind) -> list[Event]:
        """The events of these kinds."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [event for kind in kinds for event in self._by_kind.get(kind, ())]

    def on_record(self, kind: LegalActKind) -> list[Event]:
        """The events of a kind of `FORESEEN`, also those whose day is ahead."""
        return [event for event in self.foreseen if event.deed.kind is kind]

    def against_all(self, *kinds: LegalActKind) -> list[Event]:
        """The events of these kinds that touch all (VCLT art. 55, 69 (4), 70 (2)): in a group, none of one party."""
        found = self.of(*kinds)
        return [event for event in found if event.party is None] if self.case.is_group else found

    def of_all(self, kinds: Sequence[LegalActKind]) -> tuple[Event, ...]:
        """The events that first make these kinds the act of all parties; empty where some are lacking."""
        found = self.of(*kinds)
        if not found:
            return ()
        firsts: dict[str | None, Event] = {}
        for event in found:
            known = firsts.get(event.party)
            if known is None or event.day < known.day:
                firsts[event.party] = event
        joint = firsts.get(None)
        everyone = self.case.everyone
        if everyone and everyone <= firsts.keys():
            each = tuple(sorted((firsts[party] for party in everyone), key=in_order))
            if joint is None or each[-1].day < joint.day:
                return each
        return (joint,) if joint else ()


def in_order(event: Event) -> tuple[date, tuple[int, ...]]:
    """What events are sorted by: their day, and of one day as they were told."""
    return event.day, event.deed.ids
