"""Arguments that are objects with variables inside: where each variable lands in them is found out once.

To convert such an argument takes longer than to read a record, though all that varies from one request to the next are
the values: GraphQL has coerced these already, and an input object is what its fields are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: What makes an argument of the values of its variables.
Fill = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class _Hole:
    """Stands for a variable in an argument; with `many` alone in a list, for a list."""

    variable: str
    many: bool


def mould(values: Mapping[str, Any], convert: Callable[[Mapping[str, Any]], Any]) -> Fill | None:
    """What makes of other values what `convert` would, as long as none is null; None where that cannot be told.

    That is where it leaves all values as they are. `values` are some that it could be given.
    """
    holes: dict[str, Any] = {}
    for variable, value in values.items():
        holes[variable] = [_Hole(variable, True)] if isinstance(value, list) else _Hole(variable, False)
    try:
        made = convert(holes)
    except Exception:  # it looks at what it is given
        return None
    found: set[str] = set()
    fill = _filling(made, found)
    return fill if found == values.keys() else None


def _filling(thing: Any, found: set[str]) -> Fill | None:
    """What fills the holes in something; None where there are none. Notes them."""
    match thing:
        case _Hole(variable=variable, many=False):
            found.add(variable)
            return lambda values: values[variable]
        case [_Hole(variable=variable, many=True)]:
            found.add(variable)
            return lambda values: list(values[variable])
        case list() | dict():
            held = _parts(thing.items() if isinstance(thing, dict) else enumerate(thing), found)
            return _with(held, thing.copy, lambda made: made) if held else None
        case _ if hasattr(thing, "__dict__"):
            kind, fields = type(thing), _parts(vars(thing).items(), found)

            def blank() -> Any:
                made = object.__new__(kind)
                vars(made).update(vars(thing))
                return made

            return _with(fields, blank, vars) if fields else None
    return None


def _parts(things: Iterable[tuple[Any, Any]], found: set[str]) -> list[tuple[Any, Fill]]:
    return [(place, fill) for place, thing in things if (fill := _filling(thing, found)) is not None]


def _with(parts: list[tuple[Any, Fill]], blank: Callable[[], Any], inside: Callable[[Any], Any]) -> Fill:
    def fill(values: Mapping[str, Any]) -> Any:
        made = blank()
        places = inside(made)
        for place, part in parts:
            places[place] = part(values)
        return made

    return fill
