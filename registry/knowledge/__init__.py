"""What the registry knew at an earlier moment: snapshots of it, made out of its log and kept for a while."""

from registry.knowledge.keeping import Knowledge
from registry.knowledge.making import Held, make

__all__ = ["Held", "Knowledge", "make"]
