"""What a reader has chosen to narrow a list by, as a filter of the API and as chips to be taken back."""

from collections.abc import Iterable, Mapping

from registry.codes import Code
from registry.web.pages.page import Data
from registry.web.pages.walk import Walk, check_order
from schema.scalars import parse_day

#: Facets whose values are codes: the enumeration of each, by the name of its parameter.
Coded = Mapping[str, type[Code]]

#: The ends of a range of days, by their parameters.
ENDS = ("from", "until")


def asked(walk: Walk, coded: Coded, others: Iterable[str] = (), text: bool = False) -> Data:
    """The fields of a filter that take several values and, where the list can be searched by `text`, its words.

    Raises `BadInput` for a value that is none of the codes of its facet.
    """
    chosen: Data = {name: walk.among(name, kind) for name, kind in coded.items()}
    chosen = {
        name: values for name, values in (chosen | {name: walk.several(name) for name in others}).items() if values
    }
    if text and (words := walk.one("text")):
        chosen["text"] = words
    return chosen


def days(walk: Walk) -> Data:
    """The ends of a range of days, `from` and `until`, as far as they are chosen.

    Raises `BadInput` for days that are none or out of order.
    """
    ends = {end: parse_day(day).isoformat() for end in ENDS if (day := walk.one(end))}
    check_order(ends.get("from"), ends.get("until"), "until")
    return ends


def shown(walk: Walk, coded: Coded, others: Iterable[str]) -> Data:
    """What templates need: the coded facets with all their values, their enumerations, and what is chosen."""
    return {
        "codes": [(name, kind.__name__, [each.value for each in kind]) for name, kind in coded.items()],
        "enumerations": {name: kind.__name__ for name, kind in coded.items()},
        "chips": [(name, value) for name in (*coded, *others) for value in walk.several(name)],
    }
