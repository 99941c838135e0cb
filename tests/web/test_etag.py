"""Answers to GET carry a tag, and are not sent again to whoever still has them."""

import httpx2

QUERY = {"query": "{ about { version } }"}


def test_an_answer_that_still_holds_is_not_sent_again(server: str) -> None:
    first = httpx2.get(f"{server}/graphql", params=QUERY)
    tag = first.headers["etag"]
    again = httpx2.get(f"{server}/graphql", params=QUERY, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "public, no-cache"


def test_another_answer_is_sent(server: str) -> None:
    other = httpx2.get(f"{server}/graphql", params=QUERY, headers={"If-None-Match": '"other"'})
    assert (other.status_code, list(other.json())) == (200, ["data"])


def test_an_answer_to_post_carries_no_tag(server: str) -> None:
    assert "etag" not in httpx2.post(f"{server}/graphql", json=QUERY).headers
