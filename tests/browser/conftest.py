"""A browser for each module of tests, and a fresh reader for each test."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or that of REGISTRY_TEST_CHROMIUM; for one module alone: it keeps an event loop."""
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
