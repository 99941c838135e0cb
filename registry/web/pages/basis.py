"""What a status rests on, in the reader's language: articles of the treaty on treaties, clauses of the text."""

import re

from registry.web.tongue import Tongue

_ARTICLES = re.compile(r"VCLT art\. (.+)")
_SEVERAL = re.compile("[,-]")


def basis(authority: str, tongue: Tongue) -> str:
    """All that a status rests on."""
    return "; ".join(_one(each, tongue) for each in authority.split("; "))


def _one(authority: str, tongue: Tongue) -> str:
    if found := _ARTICLES.fullmatch(authority):
        return _articles(found[1], tongue)
    said = {
        "registry rule": tongue.say("rule of this register"),
        "clause on duration": tongue.say("clause on duration"),
        "clause on entry into force": tongue.say("clause on entry into force"),
        "clause on renewal": tongue.say("clause on renewal"),
        "clause on termination": tongue.say("clause on termination"),
        "notice as given": tongue.say("notice as given"),
    }
    return said.get(authority, authority)


def _articles(articles: str, tongue: Tongue) -> str:
    told = articles.replace("-", "\N{EN DASH}")
    if _SEVERAL.search(articles):
        return tongue.say("Vienna Convention on the Law of Treaties, arts %(articles)s", articles=told)
    return tongue.say("Vienna Convention on the Law of Treaties, art. %(article)s", article=told)
