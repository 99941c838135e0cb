"""How a figure is told: its number in its unit, when that was counted, and what it is limited to."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.codes import ValueOperator
from registry.figures import FigureNature
from registry.language import words
from registry.web.tongue import Tongue

Data = dict[str, Any]

_A_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[~?%]?")

#: The period of a figure of which nothing is known.
_ANY_TIME = "../.."


@dataclass(frozen=True)
class Told:
    """A figure in the reader's language, its number with the unit.

    `unit` is what is counted as it was entered, in English, where the registry has no words for it in other languages.
    `nature` is empty for what was counted; `scope` has the countries that it speaks of. The destination as printed and
    the remark are in English; either may be empty.
    """

    number: str
    unit: str
    when: str
    nature: str
    scope: str
    destination: str
    remark: str

    @property
    def amount(self) -> str:
        """The number with what is counted."""
        return f"{self.number} {self.unit}".rstrip()

    def limits(self, in_full: bool = False) -> list[str]:
        """What it is limited to besides, in English: of the remark the first sentence, or all of it."""
        remark = self.remark if in_full else self.remark.partition(". ")[0].rstrip(".")
        return [part for part in (self.destination, remark) if part]


def told_figure(figure: Data, tongue: Tongue) -> Told:
    """A figure as the shared fragment `Number` asks for it."""
    number = _number(figure, tongue)
    is_plan = figure["nature"] == FigureNature.PLAN
    return Told(
        number=number or _bare(figure, tongue),
        unit="" if number else figure["counts"],
        when=_when(figure, tongue),
        nature=tongue.code(figure["nature"], "FigureNature") if is_plan else "",
        scope=", ".join(country["name"] for country in figure["destinations"]),
        destination=figure["destinationAsPrinted"] or "",
        remark=figure["note"] or "",
    )


def _bare(figure: Data, tongue: Tongue) -> str:
    """The number alone, with what says how it is to be read."""
    return ValueOperator[figure["operator"]].sign + words("exact", Decimal(figure["value"]), tongue.language)


def _number(figure: Data, tongue: Tongue) -> str:
    """The number with its unit; empty where the registry has no words for that."""
    number, value = _bare(figure, tongue), Decimal(figure["value"])
    # A fraction takes the form that two have: in Russian the genitive singular.
    n = int(value) if value == value.to_integral_value() else 2
    match figure["counts"]:
        case "persons":
            return tongue.say_counted("%(number)s person", "%(number)s persons", n, number=number)
        case "jobs" | "job places":
            return tongue.say_counted("%(number)s job", "%(number)s jobs", n, number=number)
        case "companies":
            return tongue.say_counted("%(number)s company", "%(number)s companies", n, number=number)
        case "agreements":
            return tongue.say_counted("%(number)s agreement", "%(number)s agreements", n, number=number)
        case "per cent":
            return tongue.say("%(number)s per cent", number=number)
        case "per cent of GDP":
            return tongue.say("%(number)s per cent of GDP", number=number)
        case _:
            return ""


def _when(figure: Data, tongue: Tongue) -> str:
    """The period of what was counted over it; of what was counted at a moment, the day, as precise as it is known."""
    period = figure["period"]
    if figure["nature"] != FigureNature.STOCK:
        return tongue.period(period)
    if _A_DAY.fullmatch(period["edtf"]) or period["edtf"] == _ANY_TIME:
        return tongue.edtf(period)
    return tongue.say("on an unknown day, %(days)s", days=tongue.edtf(period))
