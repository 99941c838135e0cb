"""The documents that pages, feeds and sheets ask: each is valid, whatever fragments are shared."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from registry import web
from registry.web.pages.documents import document
from schema import schema

FILES = [path for path in sorted(Path(web.__file__).parent.rglob("*.graphql")) if path.name != "fragments.graphql"]
SDL = build_schema(schema.as_str())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_document_is_valid_with_the_fragments_that_it_uses(path: Path) -> None:
    errors = validate(SDL, parse(document(path.stem, path.parent)))

    assert [error.message for error in errors] == []


def test_a_fragment_of_its_own_comes_before_a_shared_one(tmp_path: Path) -> None:
    (tmp_path / "own.graphql").write_text(
        "{ about { ...Frame } }\n\nfragment Frame on About {\n  version\n}\n", encoding="utf-8"
    )

    assert document("own", tmp_path).count("fragment Frame") == 1
