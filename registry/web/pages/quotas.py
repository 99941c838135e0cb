"""How quotas are told: whose places they are, and each part behind its whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from registry.codes import ValueOperator
from registry.language import stated
from registry.web.tongue import Tongue

Data = dict[str, Any]

#: How to read a number of places that sets a bound.
BOUNDS = (ValueOperator.AT_MOST, ValueOperator.LESS_THAN)

#: Records by the reference of the quota that theirs is a part of; under None those that are a part of none here.
_Parts = dict[str | None, list[tuple[Data, Data]]]


def with_parts(records: Iterable[Data], within: str | None = None) -> list[tuple[int, Data]]:
    """Records in their order, but each quota right behind the one it is a part of, and how deep it is a part.

    `within` names the field that has the quota, as `subject` of a deadline. What is no quota is a part of nothing, and
    a quota whose whole is not among them stands by itself.
    """
    told = [(each, each[within] if within else each) for each in records]
    here = {record["reference"] for _, record in told if "partOf" in record}
    parts: _Parts = defaultdict(list)
    for each, record in told:
        whole = (record.get("partOf") or {}).get("reference")
        parts[whole if whole in here else None].append((each, record))
    return list(_walked(parts, None, 0))


def _walked(parts: _Parts, whole: str | None, depth: int) -> Iterator[tuple[int, Data]]:
    for each, record in parts.get(whole, ()):
        yield depth, each
        if "partOf" in record:
            yield from _walked(parts, record["reference"], depth + 1)


def whose(quota: Data, home: str, tongue: Tongue) -> str:
    """For people of which countries the places are, in words; empty where they are for those of the home country."""
    origins = quota["origins"]
    if not origins:
        return tongue.say("open to all countries of origin")
    if [country["code"] for country in origins] == [home]:
        return ""
    return tongue.say("for people from: %(countries)s", countries=", ".join(country["name"] for country in origins))


def whose_and_of_what(quota: Data, home: str, tongue: Tongue) -> str:
    """The same of a quota that stands by itself; with the words that it is a part of another, where it is."""
    part = tongue.say("part of a larger quota") if quota["partOf"] else ""
    return ", ".join(said for said in (whose(quota, home, tongue), part) if said)


def number_of_places(quota: Data, tongue: Tongue) -> str:
    """The number of places alone, with how it is to be read."""
    return stated(ValueOperator[quota["operator"]], quota["places"], tongue.language)


def is_bound(quota: Data) -> bool:
    """Whether the number of places is the most that there may be and not how many there are: so what is left is too."""
    return quota["operator"] in BOUNDS


def places(quota: Data, tongue: Tongue) -> str:
    """The number of places in its unit, in the form that the language has for it, with how it is to be read."""
    n, number = quota["places"], number_of_places(quota, tongue)
    match quota["unit"]:
        case "PERSONS":
            return tongue.say_counted("%(number)s person", "%(number)s persons", n, number=number)
        case "ENTRIES":
            return tongue.say_counted("%(number)s entry", "%(number)s entries", n, number=number)
        case "PERMITS":
            return tongue.say_counted("%(number)s work permit", "%(number)s work permits", n, number=number)
        case "CONSENTS":
            return tongue.say_counted("%(number)s consent", "%(number)s consents", n, number=number)
        case "VISAS":
            return tongue.say_counted("%(number)s visa", "%(number)s visas", n, number=number)
        case _:
            return tongue.say_counted("%(number)s job", "%(number)s jobs", n, number=number)
