"""Files of facts, read through the functions of the nouns, so that a CSV obeys the same law as a diplomat.

A file's columns are the parameters of the function that takes its rows, and what a cell becomes follows from their
types. Lists in a cell are separated by ` | `; records are named by reference, countries and the like by code; citations
stand in numbered columns, `source_1`, `quote_1`, `locator_1`, `note_1`, `source_2` and so on. What departs from this is
said in `sheets.SHEETS`, one entry for each file.

Of a record on record, a column that the file does not have says nothing, nor does a key that a line of JSON Lines does
not have: what is there stays. A blank cell, or null, clears it. A new record has the defaults for both (`staying`).
"""

from registry.exchange.loading import SEEDS, holds_anything, load, load_seeds
from registry.exchange.sheets import CODE_LISTS

__all__ = ["CODE_LISTS", "SEEDS", "holds_anything", "load", "load_seeds"]
