"""Status, reasons, terms and deadlines of an instrument through all days."""

from datetime import date
from itertools import pairwise

from registry.dates import FOREVER
from registry.status.record import Case, Event, case_of
from registry.status.values import Assessment, Instrument, Possible, Span, Timeline
from registry.status.worlds import World
from registry.status.choices import Choices
from registry.status.sweep import breakpoints
from registry.status.kinds import AgreementStatus

ORDER={s:i for i,s in enumerate(AgreementStatus)}

def only_world(case: Case) -> World:
    return World(case, [Event(d, d.windows[0][0], d.bites and d.bites[0], d.until and d.until[0]) for d in case.deeds])


def assess(instrument: Instrument) -> Timeline:
    case = case_of(instrument)
    spans: list[Span] = []
    if not all(d.is_precise for d in case.deeds):
        ch = Choices(case)
        for a, b in pairwise([*breakpoints(ch), FOREVER]):
            p = tuple(sorted(ch.possible_on(a), key=ORDER.get))
            spans.append(Span(a, b, p[0] if len(p) == 1 else AgreementStatus.UNKNOWN, p))
        return Timeline(tuple(spans), (), (), (), None, None)
    world = only_world(case)
    for a, b in pairwise([*world.turns(), FOREVER]):
        v = world.verdict_on(a)
        if spans and spans[-1].status == v.status:
            spans[-1] = Span(spans[-1].from_day, b, v.status, (v.status,))
        else:
            spans.append(Span(a, b, v.status, (v.status,)))
    s, f = world.signed, world.force
    return Timeline(tuple(spans), (), (), (), Possible(s, s) if s else None, Possible(f, f) if f else None)


def status_on(instrument: Instrument, day: date) -> Assessment:
    raise NotImplementedError
