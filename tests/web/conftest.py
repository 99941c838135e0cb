"""What tests of pages share."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.web.test_pages import BROWSER


@pytest.fixture
def reader(running: str) -> Iterator[httpx2.Client]:
    """A reader who has not been there before, at the server that the module runs."""
    with httpx2.Client(base_url=running, headers=BROWSER, timeout=60) as client:
        yield client
