"""What stands where on a brief: sources by their numbers, quotas by use to the reader, alike sentences as one."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from registry.web.pages.quotas import with_parts
from registry.web.pages.spoken import language_of
from registry.web.tongue import Tongue, capital

Data = dict[str, Any]


class Sources:
    """The sources of a brief, numbered in the order in which they are first named."""

    def __init__(self) -> None:
        self._named: dict[str, Data] = {}
        self._quoted: set[str] = set()

    def marks(self, citations: Iterable[Data]) -> list[int]:
        """The numbers of what these citations name, each once, in order."""
        numbers = set()
        for citation in citations:
            source = citation["source"]
            self._named.setdefault(source["reference"], source)
            numbers.add([*self._named].index(source["reference"]) + 1)
            if citation["quote"]:
                self._quoted.add(source["reference"])
        return sorted(numbers)

    def entries(self, tongue: Tongue) -> list[Data]:
        """The list at the end: title, who published it and when, what it is and how far it can be trusted."""
        return [self._entry(number, source, tongue) for number, source in enumerate(self._named.values(), 1)]

    def _entry(self, number: int, source: Data, tongue: Tongue) -> Data:
        published = source["published"]
        what = [tongue.code(source["kind"], "SourceKind"), tongue.code(source["reliability"], "Reliability")]
        told = [source["publisher"], tongue.edtf(published) if published else None]
        if source["reference"] not in self._quoted:
            what.append(tongue.say("exact words not held"))
        return {
            "number": number,
            "title": source["title"],
            "language": (language_of(source) or "").split("-")[0].lower(),
            "told": capital(", ".join(part for part in told if part)),
            "what": "; ".join(what),
            "url": source["url"] or "",
        }


def running_first(quotas: list[Data], day: str) -> list[Data]:
    """Quotas by use to a reader on that day: those that run, then those to come, then the latest of those past.

    Among them the later come first, wholes before their parts, larger before smaller.
    """

    def rank(quota: Data) -> tuple[Any, ...]:
        window = quota["window"]
        start, end = window["start"] or "0001-01-01", window["end"] or "9999-12-31"
        standing = 2 if end < day else 1 if start > day else 0
        return standing, -date.fromisoformat(start).toordinal(), quota["partOf"] is not None, -quota["places"]

    return sorted(quotas, key=rank)


def wholes(deadlines: list[Data]) -> list[Data]:
    """All but those of quotas whose whole is among what falls due on the same day for the same reason."""
    alike: dict[tuple[str, str], list[Data]] = {}
    for each in deadlines:
        alike.setdefault((each["date"], each["kind"]), []).append(each)
    return [each for those in alike.values() for depth, each in with_parts(those, "subject") if not depth]


def joined(sentences: Iterable[str]) -> list[str]:
    """Sentences in their order; of those that differ only behind their colon one, which names all that stood there."""
    told: dict[str, list[str]] = {}
    for sentence in sentences:
        said, colon, of = sentence.rstrip(".").partition(": ")
        told.setdefault(said + colon, []).append(of)
    return [f"{said}{', '.join(of)}." for said, of in told.items()]
