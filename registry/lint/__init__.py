"""What the registry notices when facts come in: warnings, each with a code, a path, a sentence and what to do.

The facts are taken all the same. What would make them worthless is refused instead, by `inputs` and the nouns.
"""

from registry.lint.agreements import of_act, of_agreement
from registry.lint.companies import of_licence, of_partnership
from registry.lint.engagements import of_engagement
from registry.lint.notices import Notice
from registry.lint.numbers import of_figure, of_quota, of_returns
from registry.lint.quotations import of_citations

__all__ = [
    "Notice",
    "of_act",
    "of_agreement",
    "of_citations",
    "of_engagement",
    "of_figure",
    "of_licence",
    "of_partnership",
    "of_quota",
    "of_returns",
]
