"""What a reader has chosen to narrow a list by, as a filter of the API and as chips to be taken back."""

from collections.abc import Iterable, Mapping

from registry.codes import Code
from registry.web.pages.page import Data
from registry.web.pages.walk import Walk

#: Facets whose values are codes: the enumeration of each, by the name of its parameter.
Coded = Mapping[str, type[Code]]


def asked(walk: Walk, coded: Coded, others: Iterable[str] = (), text: bool = False) -> Data:
    """The fields of a filter that take several values and, where the list can be searched by `text`, its words.

    Raises `Unfit` for a value that is none of the codes of its facet.
    """
    chosen: Data = {name: walk.among(name, kind) for name, kind in coded.items()}
    chosen = {
        name: values for name, values in (chosen | {name: walk.several(name) for name in others}).items() if values
    }
    if text and (words := walk.one("text")):
        chosen["text"] = words
    return chosen


def shown(walk: Walk, coded: Coded, others: Iterable[str]) -> Data:
    """What templates need: the coded facets with all their values, their enumerations, and what is chosen."""
    return {
        "codes": [(name, kind.__name__, [each.value for each in kind]) for name, kind in coded.items()],
        "enumerations": {name: kind.__name__ for name, kind in coded.items()},
        "chips": [(name, value) for name in (*coded, *others) for value in walk.several(name)],
    }
