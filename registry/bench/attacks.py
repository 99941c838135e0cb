"""What attackers ask: of each kind what is dearest of all that the limits let pass, each time a new document."""

from collections.abc import Callable, Iterator
from itertools import count

import orjson

Made = Callable[[int], str]


def _times(number: int, field: str) -> str:
    """A selection of one field many times, the first `#` in it being the name and the next ones its number."""
    return " ".join(field.replace("#", str(each)) for each in range(number))


def _pages(_: int) -> str:
    return (
        "{ agreements(first: 100) { nodes { reference title status acts { kind date { edtf } party { code name } }"
        " timeline { from until status } quotas(first: 100) { nodes { reference places period { edtf } country { name }"
        " utilisation { used share } } } companies(first: 100) { nodes { reference name roles } } } } }"
    )


def _deep(_: int) -> str:
    return (
        "{ countries(first: 100) { nodes { name agreements(first: 10) { nodes { title status partners { name }"
        " companies(first: 4) { nodes { name agreements(first: 2) { nodes { title status acts { kind date { edtf } }"
        " } } } } } } } } }"
    )


def _groups(number: int) -> str:
    """Sums by country, sector and month, each over a period of its own that nobody has asked for before."""
    until = f"{2030 + number % 7_900}-12-31"
    period = f'filter: {{period: {{from: "2000-01-01", until: "{until}"}}}}'
    field = f"a#: placements(groupBy: [COUNTRY, SECTOR, MONTH] {period} first: 100) {{ rows {{ people }} }}"
    return "{" + _times(29, field) + "}"


def _search(number: int) -> str:
    return "{" + _times(180, f'a#: search(text: "agreement {number % 97} #", first: 20) {{ totalCount }}') + "}"


def _gaps(_: int) -> str:
    return "{" + _times(7, "a#: gaps(first: 100) { totalCount nodes { kind } }") + "}"


def _schema(_: int) -> str:
    """What tools ask of the schema, several times."""
    kind = "type { kind name ofType { kind name ofType { kind name } } }"
    field = (
        "a#: __schema { types { kind name description fields(includeDeprecated: true) { name description"
        f" args {{ name description defaultValue {kind} }} {kind} }} }} }}"
    )
    return "{" + _times(6, field) + "}"


def _documents(_: int) -> str:
    """As many words as a document may have, which takes longer to be checked and planned than to be answered."""
    plain = _times(59, 'a#: country(code: "DE") { code name region alpha3 numeric subregion }')
    return "{" + plain + _times(56, 'b#: country(code: "DE") { code name stage alpha3 numeric region }') + "}"


def _small(_: int) -> str:
    return '{ country(code: "DE") { code name } }'


#: The kinds of attack by name, each with what makes the document asked for the first, second, … time.
ATTACKS: dict[str, Made] = {
    made.__name__.removeprefix("_"): made
    for made in (_pages, _deep, _groups, _search, _gaps, _schema, _documents, _small)
}


def bodies(name: str, attacker: int) -> Iterator[bytes]:
    """The requests of one attacker, without end; no two attackers ask alike."""
    for number in count(attacker * 1_000_000):
        yield orjson.dumps({"query": f"query Attack{number} {ATTACKS[name](number)}"})
