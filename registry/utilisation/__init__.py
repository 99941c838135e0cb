"""People over places: how far each quota is used by the returns on record, or why the two cannot be compared.

The rules are plain functions (`rules`); what they give is stored beside the quotas (`tables`) and kept so by whatever
changes a quota or a return (`derivation`).
"""

from registry.utilisation.derivation import Touched, derive, derive_all, derive_near, derive_under, differing, settle
from registry.utilisation.rules import MEASURES, REASONING, Allotted, Outcome, Parts, Placed, Use, reason, use
from registry.utilisation.tables import QuotaUtilisation

__all__ = [
    "MEASURES",
    "REASONING",
    "Allotted",
    "Outcome",
    "Parts",
    "Placed",
    "QuotaUtilisation",
    "Touched",
    "Use",
    "derive",
    "derive_all",
    "derive_near",
    "derive_under",
    "differing",
    "reason",
    "settle",
    "use",
]
