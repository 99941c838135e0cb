"""The consoles in Chromium: the light one, and GraphiQL with documentation, examples, subscriptions and a credential.

That nothing is asked of another server is checked by the reader; the browser itself enforces the policy of the page.
"""

import json
from urllib.parse import urlencode

import httpx2
from playwright.sync_api import BrowserContext, Page, TimeoutError

from tests.browser.browsing import AXE, RULES, VIEWS, WIDE, complaints, violations


def graphiql(reader: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """GraphiQL when its editors are there, and what it complains about."""
    page = reader.new_page()
    found = complaints(page)
    page.goto(address)
    page.locator(".graphiql-query-editor .view-line").first.wait_for()
    page.locator(".graphiql-editor-tool .view-line").first.wait_for()
    return page, found


def run(page: Page, expected: str) -> None:
    """Runs what the editor holds, until the answer has some words.

    GraphiQL loses a click while it is still making a tab, on a busy machine: whoever sees nothing clicks once more.
    """
    answer = page.locator(".graphiql-response .view-line", has_text=expected).first
    page.locator(".graphiql-execute-button").click()
    try:
        answer.wait_for(timeout=10_000)
    except TimeoutError:
        page.locator(".graphiql-execute-button").click()
        answer.wait_for()


def test_the_light_console_answers(reader: BrowserContext) -> None:
    page = reader.new_page()
    found = complaints(page)
    page.goto("/graphql?page=/countries/DE&lang=en")
    page.get_by_role("button", name="Run").click()
    page.locator("#state", has_text="Answered").wait_for()

    assert '"code": "DE"' in page.locator("#answer").inner_text()

    page.get_by_label("Example").select_option("what-falls-due")
    page.get_by_role("button", name="Run").click()
    page.locator("#answer", has_text="deadlines").wait_for()

    assert '"errors"' not in page.locator("#answer").inner_text()
    assert found == []


def test_the_query_of_a_page_opens_in_graphiql_which_answers_it_and_shows_what_fields_mean(
    reader: BrowserContext,
) -> None:
    page = reader.new_page()
    page.goto("/countries/DE?lang=en")
    page.get_by_role("link", name="The query of this page").click()
    page, found = graphiql(reader, page.url)

    run(page, '"code": "DE"')
    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.get_by_role("link", name="Query", exact=True).click()
    page.locator(".graphiql-plugin", has_text="the instant of the last change they take into account").wait_for()

    assert page.get_by_role("link", name="Back to the page").get_attribute("href") == "/countries/DE?lang=en"
    assert found == []


def test_graphiql_is_accessible_in_every_state_and_on_every_screen(reader: BrowserContext) -> None:
    page, found = graphiql(reader, "/graphiql?example=gaps")
    page.evaluate(AXE)
    run(page, '"totalCount"')
    shown = {"Documentation Explorer": "nodes(", "History": "Gaps", "Examples": "What falls due"}
    for panel, word in shown.items():
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.get_by_role("button", name=f"Show {panel}").click()
        if panel == "Documentation Explorer":
            page.get_by_role("link", name="Query", exact=True).click()
        page.locator(".graphiql-plugin", has_text=word).wait_for()
        for size, scheme, _ in VIEWS if panel == "Examples" else VIEWS[:2]:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.locator(f".monaco-editor.{'vs-dark' if scheme == 'dark' else 'vs'}").first.wait_for()
            assert violations(page, RULES) == [], (panel, size, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert found == []


def test_a_worked_example_opens_in_a_tab_of_its_own(reader: BrowserContext) -> None:
    page, found = graphiql(reader, "/graphiql?lang=ru")
    page.get_by_role("button", name="Предстоящие сроки").click()
    page.locator(".graphiql-tab-button", has_text="WhatFallsDue").wait_for()
    page.locator(".graphiql-query-editor .view-line", has_text="WhatFallsDue").first.wait_for()

    run(page, '"deadlines"')

    assert page.locator(".graphiql-tab").count() == 2
    assert found == []


def test_the_keyboard_goes_into_an_editor_of_graphiql_and_out_again(reader: BrowserContext) -> None:
    page, found = graphiql(reader, "/graphiql?query={viewer{role}}&variables={}")
    page.get_by_role("group", name="Operation Editor").focus()

    page.keyboard.press("Enter")
    page.keyboard.insert_text("# by keyboard")
    page.locator(".graphiql-query-editor .view-line", has_text="# by keyboard").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Execute query (Ctrl-Enter)"
    assert found == []


def test_graphiql_hears_of_changes(reader: BrowserContext, server: str) -> None:
    first = httpx2.post(f"{server}/graphql", json={"query": "{ changes(first: 1) { pageInfo { endCursor } } }"}).json()
    query = "subscription ($after: String) { changes(after: $after) { action subjectType } }"
    variables = json.dumps({"after": first["data"]["changes"]["pageInfo"]["endCursor"]})
    page, found = graphiql(reader, f"/graphiql?{urlencode({'query': query, 'variables': variables})}")

    run(page, '"action": "CREATED"')

    assert found == []


def test_graphiql_sends_the_credential_that_its_editor_of_headers_holds(reader: BrowserContext) -> None:
    page, _ = graphiql(reader, "/graphiql?query={viewer{role}}&variables={}")
    page.locator("[data-name=headers]").click()
    page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-line").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('{ "Authorization": "Bearer nobody" }')

    with page.expect_request("**/graphql") as asked:
        run(page, "UNAUTHENTICATED")

    assert asked.value.headers["authorization"] == "Bearer nobody"
