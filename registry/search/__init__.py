"""What can be found by words in English, Russian and Uzbek in either script, inflected or not."""

from registry.search.completion import complete
from registry.search.index import (
    Findable,
    SearchEntry,
    SearchKind,
    enter,
    found,
    in_all_languages,
    some,
    sought,
    spoken,
)
from registry.search.snippets import snippet

__all__ = [
    "Findable",
    "SearchEntry",
    "SearchKind",
    "complete",
    "enter",
    "found",
    "in_all_languages",
    "snippet",
    "some",
    "sought",
    "spoken",
]
