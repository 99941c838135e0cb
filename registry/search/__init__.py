"""What can be found by words in English, Russian and Uzbek in either script, inflected or not."""

from registry.search.completion import complete
from registry.search.index import (
    Called,
    Findable,
    SearchEntry,
    SearchKind,
    enter,
    found,
    in_all_languages,
    leading,
    parts,
    some,
    sought,
    spoken,
    whole,
)
from registry.search.snippets import pieces, snippet

__all__ = [
    "Called",
    "Findable",
    "SearchEntry",
    "SearchKind",
    "complete",
    "enter",
    "found",
    "in_all_languages",
    "leading",
    "parts",
    "pieces",
    "snippet",
    "some",
    "sought",
    "spoken",
    "whole",
]
