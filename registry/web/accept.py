"""Which of the media types on offer a client would rather have (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache

#: Characters of a header up to which what follows from it is kept; clients send the same ones again and again.
_LONGEST_KEPT = 300


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """The one of `offered` that the header `accept` ranks highest, or None where it takes none of them.

    The most specific range decides on a type; of types ranked alike the one named first wins, then
    the one offered first.
    """
    find = _preferred if len(accept) <= _LONGEST_KEPT else _preferred.__wrapped__
    return find(accept, tuple(offered))


@lru_cache(maxsize=256)
def _preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = [_range(part, place) for place, part in enumerate(accept.split(",")) if part.strip()]
    if not ranges:
        return offered[0]
    ranked = [(_rank(media_type, ranges), -place, media_type) for place, media_type in enumerate(offered)]
    (quality, _), _, best = max(ranked)
    return best if quality > 0 else None


def _range(part: str, place: int) -> tuple[str, float, int]:
    media_range, *parameters = [piece.strip().lower() for piece in part.split(";")]
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_range, quality, place


def _rank(media_type: str, ranges: list[tuple[str, float, int]]) -> tuple[float, int]:
    """How much a type is wanted, and how early it was named."""
    for wanted in (media_type, media_type.split("/")[0] + "/*", "*/*"):
        for media_range, quality, place in ranges:
            if media_range == wanted:
                return quality, -place
    return 0.0, 0
