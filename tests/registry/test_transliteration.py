"""Uzbek from Latin to Cyrillic script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.transliteration import TURNED_COMMA, TUTUQ, to_cyrillic, with_proper_apostrophes

# Typed with the plain apostrophe, which stands for both signs.
WORDS = [
    ("O'zbekiston Respublikasi", "Ўзбекистон Республикаси"),
    ("O'ZBEKISTON RESPUBLIKASI", "ЎЗБЕКИСТОН РЕСПУБЛИКАСИ"),
    ("kuchga kirish", "кучга кириш"),
    ("tashqi mehnat migratsiyasi", "ташқи меҳнат миграцияси"),
    ("to'xtatib turish", "тўхтатиб туриш"),
    ("bog'liq", "боғлиқ"),
    ("yo'l, yo'q, qo'yish", "йўл, йўқ, қўйиш"),
    ("yoshlar, yuridik, yarim", "ёшлар, юридик, ярим"),
    ("yil, yigirma, ixtiyoriy", "йил, йигирма, ихтиёрий"),
    ("tayyor, sayyoh, muayyan", "тайёр, сайёҳ, муайян"),
    ("faoliyat, majburiyat", "фаолият, мажбурият"),
]
E_AND_YE = [
    ("elchi, ekspert, emas", "элчи, эксперт, эмас"),
    ("yetti, yetkazish, Yevropa", "етти, етказиш, Европа"),
    ("kelishuv, berish", "келишув, бериш"),
    ("poema, duel, aeroport", "поэма, дуэл, аэропорт"),
    ("gigiyena, loyiha", "гигиена, лойиҳа"),
]
TS = [
    ("ratifikatsiya, denonsatsiya, deklaratsiya", "ратификация, денонсация, декларация"),
    ("protsedura, litsenziya", "процедура, лицензия"),
    ("konvensiya, funksiya, aksiya, konsepsiya", "конвенция, функция, акция, концепция"),
    ("komissiya, sessiya, versiya, pensiya", "комиссия, сессия, версия, пенсия"),
    ("muddatsiz, davlatsiz, aytsa, o'tsin", "муддатсиз, давлатсиз, айтса, ўтсин"),
]
APOSTROPHES = [
    ("ma'lum, nomas'ul, san'at", "маълум, номасъул, санъат"),
    ("e'lon, qat'iy, 'tab'", "эълон, қатъий, 'таб'"),
    ("mo'tabar, mo'jiza, me'yor", "мўътабар, мўъжиза, меъёр"),
    ("Is'hoq", "Исҳоқ"),
]
LOAN_WORDS = [
    ("obyekt, subyektlar", "объект, субъектлар"),
    ("kompyuter, model, modellar", "компьютер, модель, моделлар"),
    ("oddiy konsol, konsolda", "оддий консоль, консолда"),
    ("xom neft, neftni", "хом нефть, нефтни"),
]


@pytest.mark.parametrize(("latin", "cyrillic"), WORDS + E_AND_YE + TS + APOSTROPHES + LOAN_WORDS)
def test_words_are_spelt_as_in_the_cyrillic_orthography(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("2024-yil 15-sentabr", "2024 йил 15 сентябрь"),
        ("2024-yil 15-sentabrdan boshlab", "2024 йил 15 сентябрдан бошлаб"),
        ("1-yanvar, 2-iyul, 3-mart", "1 январь, 2 июль, 3 март"),
        ("24-moddaning 1-bandi", "24-модданинг 1-банди"),
        ("o'z-o'zidan", "ўз-ўзидан"),
    ],
)
def test_ordinals_lose_their_hyphen_before_the_year_and_the_month_only(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize("sign", ["'", "`", "\u2018", "\u2019", "\u02bb", "\u02bc"])
def test_any_apostrophe_is_read_as_the_sign_that_belongs_there(sign: str) -> None:
    assert to_cyrillic(f"O{sign}zbekiston, ma{sign}no, tog{sign}") == "Ўзбекистон, маъно, тоғ"
    assert with_proper_apostrophes(f"o{sign}z, ma{sign}no") == f"o{TURNED_COMMA}z, ma{TUTUQ}no"


def test_the_two_signs_are_those_of_unicode_for_uzbek() -> None:
    assert (TURNED_COMMA, TUTUQ) == ("\u02bb", "\u02bc")


@pytest.mark.parametrize(
    ("latin", "cyrillic"), [("XX yillar, II guruh", "XX йиллар, II гуруҳ"), ("BMT, MDH", "БМТ, МДҲ")]
)
def test_roman_numerals_stay_and_acronyms_go(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("YAIMdagi ulushi", "ЯИМдаги улуши"),
        ("AQSHga, AQShga", "АҚШга, АҚШга"),
        ("BMTning, MDHdan", "БМТнинг, МДҲдан"),
    ],
)
def test_an_abbreviation_with_a_suffix_keeps_its_capitals(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(("latin", "cyrillic"), [("Shartnoma", "Шартнома"), ("SHARTNOMA", "ШАРТНОМА"), ("Yo'l", "Йўл")])
def test_capitals_stay_capitals(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@given(st.text(alphabet="abdefghijklmnopqrstuvxyz'", max_size=30))
def test_no_letter_of_the_alphabet_is_left_in_latin_script(text: str) -> None:
    assert not re.search("[a-z]", to_cyrillic(text))


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшъьэюяўқғҳ .,;:()%“”№", max_size=60))
def test_what_is_in_cyrillic_script_already_stays(text: str) -> None:
    assert to_cyrillic(text) == text
