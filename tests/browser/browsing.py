"""What tests in a browser share: rules of accessibility, what a page complains about, and what it weighs."""

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

#: All rules wide and light, and narrow and dark; what depends on colours alone in the other two as well.
VIEWS: tuple[tuple[Any, Any, list[str]], ...] = (
    (WIDE, "light", RULES),
    (WIDE, "dark", CONTRAST),
    (NARROW, "light", CONTRAST),
    (NARROW, "dark", RULES),
)


def complaints(page: Page) -> list[str]:
    """The list to which the page's errors and warnings are added."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 404" not in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def violations(page: Page, rules: list[str]) -> list[str]:
    """What axe-core, which the page must have, finds wrong with it as it stands; nothing else is worked out."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    return [_told(each) for each in found]


def _told(violation: dict[str, Any]) -> str:
    nodes = "; ".join(f"{node['html'][:200]} {node['failureSummary'][:200]}" for node in violation["nodes"][:3])
    return f"{violation['id']}: {nodes}"
