"""What is said of a fact that is accepted although it looks odd."""

from dataclasses import dataclass

#: Of the records that one looks like, so many are named: the others are found beside these.
MOST_NAMED = 5


@dataclass(frozen=True)
class Notice:
    """Something worth a second look: a stable code, the path into the input, a sentence, and what to do."""

    code: str
    path: tuple[str, ...]
    message: str
    hint: str
