"""Which texts can be written, and the one way to write a language tag."""

import pytest

from registry.texts import is_writable, plain_tag


@pytest.mark.parametrize("text", ["", "two\r\nlines\tand a tab", "soft\u00adhyphen", "first\u2028second", "мўъжиза 🌾"])
def test_what_a_source_may_print_can_be_written(text: str) -> None:
    assert is_writable(text)


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_and_halves_of_characters_cannot_be_written(sign: str) -> None:
    assert not is_writable(f"before {sign} after")


@pytest.mark.parametrize(
    ("tag", "plain"),
    [
        *(("DE", "de"), ("de", "de"), ("UZ-cyrl", "uz-Cyrl"), ("uz-CYRL-uz", "uz-Cyrl-UZ"), ("pt-br", "pt-BR")),
        *(("ES-419", "es-419"), ("SL-Rozaj-BISKE", "sl-rozaj-biske"), ("de-1996", "de-1996")),
    ],
)
def test_a_language_tag_is_written_in_one_way(tag: str, plain: str) -> None:
    assert plain_tag(tag) == plain
