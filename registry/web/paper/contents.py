"""What stands on the brief of a country, in words: an answer of the graph made into lines, notes and numbered sources.

Everything is said here; the sheet itself, `brief.typ`, only sets it.
"""

from dataclasses import dataclass
from typing import Any

from registry.web.naming import name_of
from registry.web.pages.charts import since, widths
from registry.web.pages.figures import told_figure
from registry.web.pages.home import IN_FORCE
from registry.web.pages.labour import is_on_other_subjects
from registry.web.pages.placements import tables
from registry.web.pages.quotas import is_bound, places, whose_and_of_what, with_parts
from registry.web.pages.spoken import language_of
from registry.web.paper.arrangement import Sources, joined, running_first, wholes
from registry.web.paper.letters import plain
from registry.web.tongue import Tongue, capital

Data = dict[str, Any]

#: Characters of one text on the sheet; what is longer ends in an ellipsis.
LONGEST = 420

#: What stands where there is no number.
NONE = "\N{EN DASH}"


@dataclass(frozen=True)
class Room:
    """For how many of each kind there is room; what is beyond is counted, not told."""

    agreements: int
    deadlines: int
    quotas: int
    years: int
    figures: int
    companies: int
    gaps: int
    missing: int


#: From generous to sparing: the first is taken with which the brief has no more than two sheets.
ROOMS = (
    Room(agreements=12, deadlines=8, quotas=10, years=10, figures=8, companies=12, gaps=8, missing=8),
    Room(agreements=8, deadlines=6, quotas=7, years=6, figures=6, companies=8, gaps=6, missing=4),
    Room(agreements=6, deadlines=4, quotas=5, years=5, figures=4, companies=5, gaps=4, missing=2),
    Room(agreements=4, deadlines=3, quotas=3, years=3, figures=3, companies=3, gaps=2, missing=0),
    Room(agreements=2, deadlines=2, quotas=2, years=2, figures=1, companies=2, gaps=1, missing=0),
)


def contents(data: Data, tongue: Tongue, room: Room, known: str) -> Data:
    """What stands on the sheets, given the answer to `brief.graphql`; `known` is its moment of knowledge in words."""
    told: Data = _settable(Brief(data, tongue, room, known).told())
    return told


class Brief:
    """The brief of one country in one language. Sources are numbered in the order in which they are first named."""

    def __init__(self, data: Data, tongue: Tongue, room: Room, known: str) -> None:
        self.about, self.at = data["about"], data["at"]
        self.country, self.day = self.at["country"], self.at["date"]
        self.tongue, self.say, self.room, self.known = tongue, tongue.say, room, known
        self.sources = Sources()

    def told(self) -> Data:
        """Everything, in the order in which it stands there."""
        country, home = self.country, self.about["homeCountry"]["name"]
        parts = [self.agreements(), self.deadlines(), self.quotas(), *self.placements()]
        parts += [self.figures(), self.companies(), self.gaps()]
        return {
            "title": f"{country['name']}. {self.say('Brief')}, {self.tongue.day(self.day)}",
            "register": f"{self.say('Register of labour agreements')} · {home}",
            "kind": self.say("Brief"),
            "day": self.tongue.day(self.day),
            "name": country["name"],
            "stage": self.stage(),
            "region": country["region"] or "",
            "synthetic": self.say(_SYNTHETIC) if self.about["synthetic"] else "",
            "numbers": self.numbers(),
            "parts": [part for part in parts if part],
            "absent": self.absent(),
            "sources": {"heading": self.say("Sources"), "entries": self.sources.entries(self.tongue)},
            "footer": self.footer(),
        }

    def stage(self) -> str:
        """How far cooperation has come; said of instruments on other subjects than labour, where it rests on these."""
        aside = [self.say("on other subjects than labour")] if is_on_other_subjects(self.country) else []
        return "; ".join([self.tongue.title(self.country["stage"], "CooperationStage"), *aside])

    def numbers(self) -> list[Data]:
        """What is told first."""
        country, number = self.country, self.tongue.number
        told = [
            ("inForce", self.say("in force or carried out")),
            ("agreements", self.say("Agreements")),
            ("deadlines", self.say("Falls due within twelve months")),
            ("companies", self.say("Partner companies")),
            ("gaps", self.say("Gaps and contradictions")),
        ]
        return [{"number": number(country[name]["totalCount"]), "what": capital(what)} for name, what in told]

    def agreements(self) -> Data:
        """Each with its status, since when, why, and what is missing to be sure."""
        connection = self.country["agreements"]
        shown = sorted(connection["nodes"], key=lambda each: each["status"] not in IN_FORCE)[: self.room.agreements]
        return {
            "kind": "agreements",
            "heading": self.say("Agreements"),
            "entries": [self._agreement(each) for each in shown],
            "empty": "" if shown else self.say("No agreement with this country is on record."),
            "note": self._more(connection, len(shown)),
        }

    def _agreement(self, agreement: Data) -> Data:
        reason, term = agreement["statusReason"], agreement["term"] or {}
        acts = [citation for act in reason["acts"] for citation in act["citations"]]
        due = []
        if term.get("endsOn"):
            due.append(self.say("term ends %(day)s", day=self.tongue.day(term["endsOn"])))
        if term.get("noticeBy"):
            due.append(self.say("notice by %(day)s", day=self.tongue.day(term["noticeBy"])))
        return {
            "title": capital(agreement["title"]),
            "language": (language_of(agreement) or "").split("-")[0].lower(),
            "type": self.tongue.title(agreement["type"], "InstrumentType"),
            "status": self.tongue.title(agreement["status"], "AgreementStatus"),
            "force": agreement["status"] in IN_FORCE,
            "since": self._since(agreement),
            "why": reason["explanation"],
            "due": capital("; ".join(due)),
            "missing": self._missing(reason["missing"]),
            "marks": self.sources.marks([*agreement["citations"], *acts]),
        }

    def _missing(self, missing: list[str]) -> str:
        """What would have to be known; what there is no room for is counted, lest the rest be taken for all."""
        if not missing:
            return ""
        told = joined(missing)
        for number in range(min(self.room.missing, len(told)), 0, -1):
            left = len(told) - number
            more = [self.tongue.say_counted("And %(n)s more.", "And %(n)s more.", left)] if left else []
            said = " ".join([self.say("To be sure, the registry would need to know:"), *told[:number], *more])
            if len(said) <= LONGEST:
                return said
        return self.say("To be sure, the registry would need to know more; the page of the agreement says what.")

    def _since(self, agreement: Data) -> str:
        if len(agreement["possibleStatuses"]) > 1:
            names = [self.tongue.code(each, "AgreementStatus") for each in agreement["possibleStatuses"]]
            return self.say("may be: %(statuses)s", statuses="; ".join(names))
        begun = since(agreement["timeline"], self.day)
        if begun is None or agreement["status"] == "REPORTED":
            return ""
        day = self.tongue.day(begun[0])
        if begun[1]:
            return self.say("this status since %(day)s", day=day)
        return self.say("this status since %(day)s at the latest", day=day)

    def deadlines(self) -> Data | None:
        """What falls due within twelve months; what ends on one day for one reason is told together.

        A quota that ends on one day with the one it is a part of is told by that.
        """
        connection = self.country["deadlines"]
        told = wholes(connection["nodes"])
        shown: dict[tuple[str, str], list[Data]] = {}
        for each in told[: self.room.deadlines]:
            shown.setdefault((each["date"], each["kind"]), []).append(each)
        if not shown:
            return None
        parts = len(connection["nodes"]) - len(told)
        rows = [
            self._row(
                self.tongue.day(day),
                self.tongue.title(kind, "DeadlineKind"),
                "; ".join(self._subject(each) for each in those),
            )
            for (day, kind), those in shown.items()
        ]
        return {
            "kind": "table",
            "heading": self.say("Falls due within twelve months"),
            "header": [self.say("Day"), self.say("What falls due"), self.say("Of what")],
            "columns": ["auto", 5, 9],
            "rows": rows,
            "note": self._more(connection, len(told[: self.room.deadlines]) + parts),
        }

    def _row(self, *cells: str, marks: list[int] | None = None, marked: int = 0, aside: str = "") -> Data:
        """A row of a table: where its marks stand, and what is told softly beside the words they stand at."""
        return {"cells": list(cells), "marks": marks or [], "marked": marked, "aside": aside}

    def _subject(self, due: Data) -> str:
        """What a deadline or a gap is about: its name; of a quota, its places."""
        return name_of(due["subject"], self.tongue, self.about["homeCountry"]["code"])

    def quotas(self) -> Data | None:
        """Places, and how many are left; those that run on the day first, each part behind its whole."""
        connection = self.country["quotas"]
        told = with_parts(running_first(connection["nodes"], self.day))[: self.room.quotas]
        if not told:
            return None
        shown = [quota for _, quota in told]
        refused = [each["utilisation"]["reason"] for each in shown if not each["utilisation"]["comparable"]]
        reasons = " ".join(dict.fromkeys(refused))
        notes = [f"{NONE} {self.say('Use cannot be stated.')} {reasons}"] if refused else []
        kinds = list(dict.fromkeys(map(self._kind_of_quota, shown)))
        header = [self.say("Period"), self.say("Scope"), self.say("Places"), self.say("Used"), self.say("Left")]
        return {
            "kind": "table",
            "heading": self.say("Quotas"),
            "caption": capital(kinds[0]) if len(kinds) == 1 else "",
            "header": header,
            "columns": [4, 7, "number", "number", "number"],
            "rows": [self._quota(each, depth, len(kinds) > 1) for depth, each in told],
            "note": " ".join([*notes, self._more(connection, len(shown))]).strip(),
        }

    def _kind_of_quota(self, quota: Data) -> str:
        return f"{self.tongue.code(quota['kind'], 'QuotaKind')}, {self.tongue.code(quota['basis'], 'QuotaBasis')}"

    def _quota(self, quota: Data, depth: int, with_kind: bool) -> Data:
        use = quota["utilisation"]
        used = left = NONE
        if use["comparable"]:
            used, left = self._used(use, is_bound=is_bound(quota))
        return self._row(
            capital(self.tongue.period(quota["period"])),
            self._scope(quota, depth),
            places(quota, self.tongue),
            used,
            left,
            marks=self.sources.marks(quota["citations"]),
            marked=1,
            aside=self._kind_of_quota(quota) if with_kind else "",
        )

    def _used(self, use: Data, is_bound: bool) -> tuple[str, str]:
        """How many places are used and left; bounds where the number of places is one, nothing where it sets none."""
        tongue, remaining = self.tongue, use["remaining"]
        used, left = tongue.number(use["used"]), NONE
        if use["share"] is not None:
            used += f" ({'≥ ' if is_bound else ''}{tongue.percent(use['share'])})"
        if remaining is not None:
            left = ("≤ " if is_bound and remaining else "") + tongue.number(remaining)
        if remaining is not None and remaining < 0:
            over = ("≥ " if is_bound else "") + tongue.number(-remaining)
            left = self.say("exceeded by %(number)s", number=over)
        return used, left

    def _scope(self, quota: Data, depth: int) -> str:
        """What the places are limited to; of a part of the quota above it, that it is one; else whose they are."""
        limits = [(quota["sector"] or {}).get("name"), (quota["occupation"] or {}).get("name"), quota["condition"]]
        named = "; ".join(part for part in limits if part)
        if depth:
            return f"{f'{NONE} ' * (depth - 1)}{self.say('of which:')} {named}".rstrip()
        whose = whose_and_of_what(quota, self.about["homeCountry"]["code"], self.tongue)
        return capital("; ".join(part for part in (named or self.say("All"), whose) if part))

    def placements(self) -> list[Data]:
        """A table of bars for each measure that has returns, its latest years."""
        return [self._placements(table) for table in tables(self.country)]

    def _placements(self, table: Data) -> Data:
        rows = table["rows"][-self.room.years :]
        bars = widths([row["people"] for row in rows])
        period = f", {self.tongue.period(table['period'])}" if table["period"] else ""
        return {
            "kind": "bars",
            "heading": self.say("Placements by year"),
            "caption": self.tongue.title(table["measure"], "PlacementMeasure") + period,
            "header": [self.say("Year"), self.say("People")],
            "rows": [
                *self._earlier(table["rows"][: -self.room.years]),
                *(
                    {
                        "year": str(row["year"]) if row["year"] else self.say("no single year"),
                        "people": self.tongue.number(row["people"]),
                        "width": width,
                    }
                    for row, width in zip(rows, bars, strict=True)
                ),
            ],
            "together": [self.say("Together"), self.tongue.number(table["total"])] if len(table["rows"]) > 1 else [],
            "marks": self.sources.marks({"source": source, "quote": None} for source in table["sources"]),
        }

    def _earlier(self, rows: list[Data]) -> list[Data]:
        """The years that there is no room for, together and without a bar: what follows is counted with them."""
        if not rows:
            return []
        said = self.tongue.say_counted("%(n)s earlier year", "%(n)s earlier years", len(rows))
        return [{"year": said, "people": self.tongue.number(sum(row["people"] for row in rows)), "width": 0}]

    def figures(self) -> Data | None:
        """Numbers as sources state them."""
        connection = self.country["figures"]
        shown = connection["nodes"][: self.room.figures]
        if not shown:
            return None
        rows = []
        for each in shown:
            told, marks = told_figure(each, self.tongue), self.sources.marks(each["citations"])
            measure = self.tongue.title(each["measure"], "FigureMeasure")
            what = f"{measure} ({told.nature})" if told.nature else measure
            limits = "; ".join(told.limits())
            rows.append(self._row(capital(told.when), what, told.amount, marks=marks, marked=1, aside=limits))
        note = [self.say("They are never added up: their scopes overlap."), self._more(connection, len(shown))]
        return {
            "kind": "table",
            "heading": self.say("Figures as sources state them"),
            "header": [self.say("Period"), self.say("What is counted"), self.say("Number")],
            "columns": [4, 7, "number"],
            "rows": rows,
            "note": " ".join(note).strip(),
        }

    def companies(self) -> Data | None:
        """Partner companies, how far the partnership has come, and what they do."""
        connection = self.country["companies"]
        shown = connection["nodes"][: self.room.companies]
        if not shown:
            return None
        rows = []
        for each in shown:
            roles = [self.tongue.code(role, "PartnerRole") for role in each["roles"]]
            does = [capital(", ".join(roles)), ", ".join(sector["name"] for sector in each["sectors"])]
            stage = self.tongue.title(each["stage"], "PartnershipStage")
            told = "; ".join(part for part in does if part)
            rows.append(self._row(each["name"], stage, told, marks=self.sources.marks(each["citations"])))
        return {
            "kind": "table",
            "heading": self.say("Partner companies"),
            "header": [self.say("Company"), self.say("Status"), self.say("What it does")],
            "columns": [4, 3, 7],
            "rows": rows,
            "note": self._more(connection, len(shown)),
        }

    def gaps(self) -> Data | None:
        """What is missing, contradictory or unused, by kind."""
        connection = self.country["gaps"]
        shown = connection["nodes"][: self.room.gaps]
        if not shown:
            return None
        kinds = dict.fromkeys(each["kind"] for each in shown)
        groups = [
            {
                "title": self.tongue.title(kind, "GapKind"),
                "entries": [self._gap(each) for each in shown if each["kind"] == kind],
            }
            for kind in kinds
        ]
        return {
            "kind": "groups",
            "heading": self.say("Gaps and contradictions"),
            "groups": groups,
            "note": self._more(connection, len(shown)),
        }

    def _gap(self, gap: Data) -> Data:
        about = "" if gap["subject"]["__typename"] == "Country" else self._subject(gap)
        return {"about": about, "why": gap["explanation"]}

    def absent(self) -> str:
        """What the registry has nothing on, in one line instead of empty parts."""
        country = self.country
        found = {
            self.say("Quotas"): country["quotas"]["totalCount"],
            self.say("Placements by year"): len(tables(country)),
            self.say("Figures as sources state them"): country["figures"]["totalCount"],
            self.say("Partner companies"): country["companies"]["totalCount"],
        }
        nothing = [name[:1].lower() + name[1:] for name, number in found.items() if not number]
        return self.say("Nothing is on record of: %(what)s.", what="; ".join(nothing)) if nothing else ""

    def footer(self) -> Data:
        """What the brief holds for: the legal day, the moment of knowledge, and the log that it was made from."""
        return {
            "day": self.say("Legal day: %(day)s", day=self.tongue.day(self.day)),
            "known": self.say("State of knowledge: %(moment)s", moment=self.known),
            "digest": self.say("Digest of the log:"),
            "hash": self.at["digest"],
            "page": self.say("Page"),
        }

    def _more(self, connection: Data, shown: int) -> str:
        left = connection["totalCount"] - shown
        more = self.tongue.say_counted("%(n)s more in the registry.", "%(n)s more in the registry.", left)
        return capital(more) if left > 0 else ""


_SYNTHETIC = "Synthetic data: generated for measuring and trying. Nothing here states a fact about the world."


def _settable(told: Any) -> Any:
    """The same with every text as it can be set."""
    if isinstance(told, dict):
        return {name: _settable(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_settable(each) for each in told]
    return plain(told, LONGEST) if isinstance(told, str) else told
