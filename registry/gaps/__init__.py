"""What is missing, contradictory or unused, and why the registry thinks so.

Each kind of gap is a select over the stored facts; `gaps_on` puts them together, `explain` says one row in words.
"""

from registry.gaps.finding import ORDER, gaps_on
from registry.gaps.kinds import EXPLAINING, SENTENCES, GapKind, explain

__all__ = ["EXPLAINING", "ORDER", "SENTENCES", "GapKind", "explain", "gaps_on"]
