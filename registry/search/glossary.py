"""Words of the field that mean the same in English, Russian and Uzbek: what is on record in one is found in all.

Most names are printed in one language only. `glossary.csv` has a line for each notion; words within a cell are synonyms
or of the same root. It works where words enter the index: an entry with a word of a line gets the whole line.
"""

import csv
from functools import cache, lru_cache
from pathlib import Path

from registry.search.forms import forms


@lru_cache(maxsize=65536)
def meanings(word: str) -> frozenset[str]:
    """The forms of all words that mean the same as this one; none where the glossary does not have it."""
    return frozenset().union(*(_notions().get(form, frozenset()) for form in forms(word)))


@cache
def _notions() -> dict[str, frozenset[str]]:
    """For each form of a word of the glossary, the forms of its lines."""
    found: dict[str, set[str]] = {}
    with (Path(__file__).parent / "glossary.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            told = [word for cell in line.values() for word in cell.split()]
            notion = {form for word in told for form in forms(word)}
            for form in notion:
                found.setdefault(form, set()).update(notion)
    return {form: frozenset(notion) for form, notion in found.items()}
