"""Which texts can be written and seen, and the one way to write a language tag."""

import pytest

from registry.texts import is_balanced, is_visible, is_writable, plain_tag


@pytest.mark.parametrize("text", ["", "two\r\nlines\tand a tab", "soft\u00adhyphen", "first\u2028second", "мўъжиза 🌾"])
def test_what_a_source_may_print_can_be_written(text: str) -> None:
    assert is_writable(text)


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_and_halves_of_characters_cannot_be_written(sign: str) -> None:
    assert not is_writable(f"before {sign} after")


@pytest.mark.parametrize("text", ["a", "\u200bb", "7", "—", "€", "\u0301", "🌾", "क्‍ष", " a "])
def test_a_letter_a_digit_or_a_sign_is_seen(text: str) -> None:
    assert is_visible(text)


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\ufeff", "\u2060\u200d", "\u202e\u202c", "\u3164", "\u2800", "\ufe0f"]
)
def test_white_space_controls_and_blank_letters_alone_are_not_seen(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize(
    "text", ["", "a", "\u202aa\u202c", "\u2066\u202ea\u202c\u2069", "\u2067a\u2069\n\u2068b\u2069"]
)
def test_a_change_of_direction_that_ends_leaves_what_follows_alone(text: str) -> None:
    assert is_balanced(text)


@pytest.mark.parametrize("text", ["\u202e", "a\u202c", "\u2066a\u202c", "\u2069\u2066", "\u202a\u2066\u202c\u2069"])
def test_a_change_of_direction_that_does_not_end_turns_what_follows(text: str) -> None:
    assert not is_balanced(text)


@pytest.mark.parametrize(
    ("tag", "plain"),
    [
        *(("DE", "de"), ("de", "de"), ("UZ-cyrl", "uz-Cyrl"), ("uz-CYRL-uz", "uz-Cyrl-UZ"), ("pt-br", "pt-BR")),
        *(("ES-419", "es-419"), ("SL-Rozaj-BISKE", "sl-rozaj-biske"), ("de-1996", "de-1996")),
    ],
)
def test_a_language_tag_is_written_in_one_way(tag: str, plain: str) -> None:
    assert plain_tag(tag) == plain
