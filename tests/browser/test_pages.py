"""Pages in Chromium: accessible to WCAG 2.2 AA in every language, light and dark, wide and narrow, without a mouse.

Each page is a test of its own, so that pytest-xdist spreads them over its workers, each with one browser.
"""

import pytest
from playwright.sync_api import Browser, BrowserContext, Request

from registry.web.pages.walk import LANGUAGES
from tests.browser.browsing import AXE, NARROW, VIEWS, complaints, violations
from tests.web.addresses import ADDRESSES, MORE

#: Most bytes of a page as they come over the line, with its style, its charts and whatever else it loads.
LIGHT = 60_000


@pytest.mark.parametrize("name", [*ADDRESSES, *MORE])
def test_a_page_is_light_and_accessible_in_every_language_and_on_every_screen(
    reader: BrowserContext, name: str
) -> None:
    page = reader.new_page()
    found = complaints(page)
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    address = (ADDRESSES | MORE)[name]
    for tag in LANGUAGES:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={tag}", wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        page.evaluate(AXE)
        for size, scheme, rules in VIEWS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == [], (tag, size, scheme)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (tag, size, "scrolls sideways")
        if tag == "en":
            assert sum(request.sizes()["responseBodySize"] for request in loaded) <= LIGHT
    assert found == []


FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
#: Where the focus is: outside of everything, or on which element, seen or not. A date is several stops of one element.
FOCUS = f"""document.activeElement === document.body ? null
  : [[...document.querySelectorAll({FOCUSABLE!r})].indexOf(document.activeElement),
     getComputedStyle(document.activeElement).outlineStyle]"""


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_is_walked_by_keyboard_alone(reader: BrowserContext, name: str) -> None:
    page = reader.new_page()
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(ADDRESSES[name])
    shown = page.evaluate(f"[...document.querySelectorAll({FOCUSABLE!r})].filter((e) => e.checkVisibility()).length")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    reached = {0}
    for _ in range(2 * shown + 5):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        element, outline = focus
        assert outline != "none"
        reached.add(element)

    assert len(reached) >= shown


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
