"""Pages in Chromium: accessible to WCAG 2.2 AA in every language, light and dark, wide and narrow, without a mouse."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from registry.web.pages.walk import LANGUAGES
from tests.web.addresses import ADDRESSES, MORE

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

#: All rules wide and light, and narrow and dark; what depends on colours alone in the other two as well.
VIEWS: tuple[tuple[Any, Any, dict[str, Any]], ...] = (
    (WIDE, "light", {"runOnly": RULES}),
    (WIDE, "dark", {"runOnly": ["color-contrast"]}),
    (NARROW, "light", {"runOnly": ["color-contrast"]}),
    (NARROW, "dark", {"runOnly": RULES}),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or that of REGISTRY_TEST_CHROMIUM; for this module alone: it keeps an event loop."""
    binary = os.environ.get("REGISTRY_TEST_CHROMIUM") or shutil.which("chromium")
    if not binary:
        pytest.skip("NOT TESTED IN A BROWSER: install Debian's package chromium or set REGISTRY_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Browser, server: str) -> Iterator[BrowserContext]:
    """A fresh browser, which must not ask any other server for anything."""
    context = chromium.new_context(base_url=server)
    elsewhere: list[str] = []
    context.on(
        "request",
        lambda request: elsewhere.append(request.url) if urlsplit(request.url).netloc not in server else None,
    )
    yield context
    context.close()
    assert elsewhere == []


def complaints(page: Page) -> list[str]:
    """The list to which the page's errors and warnings are added."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 404" not in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("name", [*ADDRESSES, *MORE])
def test_a_page_is_accessible_in_every_language_and_on_every_screen(reader: BrowserContext, name: str) -> None:
    page = reader.new_page()
    found = complaints(page)
    address = (ADDRESSES | MORE)[name]
    for tag in LANGUAGES:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={tag}")
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        page.evaluate(AXE)
        for size, scheme, rules in VIEWS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate("async (rules) => (await axe.run(document, rules)).violations", rules)
            assert [_told(each) for each in violations] == [], (tag, size, scheme)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (tag, size, "scrolls sideways")
    assert found == []


def _told(violation: dict[str, Any]) -> str:
    nodes = "; ".join(f"{node['html'][:200]} {node['failureSummary'][:200]}" for node in violation["nodes"][:3])
    return f"{violation['id']}: {nodes}"


FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"


@pytest.mark.parametrize("name", ["home", "agreements", "agreement"])
def test_a_page_is_walked_by_keyboard_alone(reader: BrowserContext, name: str) -> None:
    page = reader.new_page()
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(ADDRESSES[name])
    shown = page.evaluate(f"[...document.querySelectorAll({FOCUSABLE!r})].filter((e) => e.checkVisibility()).length")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    reached = 1
    for _ in range(shown + 5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        reached += 1

    assert reached >= shown


def test_a_source_mark_opens_its_quotation_by_keyboard_and_without_scripts(chromium: Browser, server: str) -> None:
    context = chromium.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/agreements/uz-de-migration-mobility-2024")
    mark = page.locator("#acts ~ ol .cite").first

    assert not mark.locator("blockquote").first.is_visible()
    mark.locator("summary").press("Enter")
    assert "signed" in mark.locator("blockquote").first.inner_text()
    context.close()


def test_the_date_picker_takes_the_reader_to_another_day_and_stays(chromium: Browser, server: str) -> None:
    context = chromium.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/countries/TR?lang=en")
    page.locator(".moment summary").click()
    page.locator("#as_of").fill("2010-01-01")
    page.locator(".moment button").click()
    page.get_by_role("link", name="Bilateral agreement on the protection of the rights").click()

    assert "as_of=2010-01-01" in page.url
    assert "As of 1 January 2010" in page.locator(".moment summary").inner_text()
    context.close()


def test_the_console_answers(reader: BrowserContext) -> None:
    page = reader.new_page()
    found = complaints(page)
    page.goto("/countries/DE?lang=en")
    page.get_by_role("link", name="The query of this page").click()
    page.get_by_role("button", name="Run").click()
    page.locator("#state", has_text="Answered").wait_for()

    assert '"code": "DE"' in page.locator("#answer").inner_text()
    assert found == []
