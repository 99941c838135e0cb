"""What is said of a fact that is accepted although it looks odd."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """Something worth a second look: a stable code, the path into the input, a sentence, and what to do."""

    code: str
    path: tuple[str, ...]
    message: str
    hint: str
