"""Names stand where readers of their language look for them."""

import pytest

from registry.codes import Language
from registry.transliteration import TURNED_COMMA
from registry.web.pages.alphabet import alphabetical


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (Language.EN, ["Åland Islands", "Albania", "Curaçao", "Cyprus", "Türkiye", "Uganda"]),
        (Language.RU, ["Бельгия", "Венгрия", "Германия", "Грузия", "Индия", "Йемен", "Казахстан", "Орёл", "Орша"]),
        (
            Language.UZ,
            ["Andorra", "Zambiya", f"O{TURNED_COMMA}zbekiston", f"G{TURNED_COMMA}arbiy Sahroi", "Shvetsiya", "Chexiya"],
        ),
        (Language.UZ_CYRL, ["Андорра", "Япония", "Ўзбекистон", "Қозоғистон", "Ғарбий Саҳрои", "Ҳиндистон"]),
    ],
)
def test_names_go_by_the_alphabet_of_the_language(language: Language, names: list[str]) -> None:
    assert sorted(reversed(names), key=alphabetical(language)) == names
