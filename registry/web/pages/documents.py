"""The GraphQL documents of pages: a file `<name>.graphql` each, with the fragments that they share."""

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_SPREAD = re.compile(r"\.\.\.\s*([A-Z]\w*)")
_FRAGMENT = re.compile(r"^fragment (\w+) on [^\n]*\n(?:.*?\n)??\}\n", re.MULTILINE | re.DOTALL)


@cache
def document(name: str, folder: Path = HERE) -> str:
    """The document of a page, with those of the shared fragments that it uses, directly or through others."""
    text = (folder / f"{name}.graphql").read_text(encoding="utf-8")
    own = {match[1] for match in _FRAGMENT.finditer(text)}
    fragments = {match[1]: match[0] for match in _FRAGMENT.finditer(_shared()) if match[1] not in own}
    used: list[str] = []
    wanted = _SPREAD.findall(text)
    while wanted:
        fragment = wanted.pop()
        if fragment in fragments and fragment not in used:
            used.append(fragment)
            wanted += _SPREAD.findall(fragments[fragment])
    return "\n".join([text, *(fragments[each] for each in sorted(used))])


def _shared() -> str:
    return (HERE / "fragments.graphql").read_text(encoding="utf-8")
