"""What the registry says, in English, Russian and Uzbek in both scripts."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from registry import language
from registry.codes import Code, DeadlineKind, Language
from registry.language import country_name, label, render, words
from registry.status.kinds import AgreementStatus, Bindingness, ForceRule, InstrumentType, LegalActKind, Renewal
from registry.status.values import Message
from registry.transliteration import TURNED_COMMA, TUTUQ

EN, RU, UZ, UZ_CYRL = Language
REGISTRY = Path(language.__file__).parent
ENUMERATIONS = (AgreementStatus, LegalActKind, ForceRule, Renewal, InstrumentType, Bindingness, DeadlineKind)
MEMBERS: list[Code] = [member for enumeration in ENUMERATIONS for member in enumeration]
CYRILLIC = re.compile("[\u0400-\u04ff]")
CYRILLIC_V = "\N{CYRILLIC SMALL LETTER VE}"
# What Russian puts behind a year; `said` takes the full stop off.
CYRILLIC_G = "\N{CYRILLIC SMALL LETTER GHE}"
PLACE = re.compile(r"\{\w+\}")


def said(value: object, wanted: Language) -> str:
    """A value as a message renders it, without the full stop."""
    return render(Message("{value}", {"value": value}), wanted).removesuffix(".")


# What the registry's code says, and what the catalogues make of it


def messages_in_code() -> Iterator[str]:
    """The texts of all messages that the registry's code makes, as far as the code names them."""
    for path in sorted(REGISTRY.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(assigned(module))
        for node in ast.walk(module):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Message"
                and node.args
            ):
                yield from texts(node.args[0], constants)


def assigned(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def texts(node: ast.expr | None, constants: dict[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Name(id=name) if name in constants:
            yield from texts(constants[name], constants)
        case ast.Subscript(value=of):
            yield from texts(of, constants)
        case ast.Dict(values=values):
            for value in values:
                yield from texts(value, constants)
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body, constants)
            yield from texts(orelse, constants)


SENTENCES = sorted(set(messages_in_code()))


def catalogue(folder: str) -> dict[tuple[str | None, str], list[str]]:
    """All that the files of a folder say of each text."""
    found: dict[tuple[str | None, str], list[str]] = {}
    for path in sorted((REGISTRY / "locale" / folder).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=folder, abort_invalid=True):
                if entry.id:
                    assert not entry.fuzzy, f"{path.name}: {entry.id}"
                    one = entry.id[0] if entry.pluralizable else entry.id
                    said = [entry.string] if isinstance(entry.string, str) else entry.string or [""]
                    found.setdefault((entry.context, str(one)), []).append(" | ".join(said))
    return found


CATALOGUES = {folder: catalogue(folder) for folder in ("en", "ru", "uz")}


def test_the_law_speaks() -> None:
    assert len(SENTENCES) > 20


@pytest.mark.parametrize("folder", ["ru", "uz"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_message_is_translated_with_the_same_places(sentence: str, folder: str) -> None:
    translated = CATALOGUES[folder].get((None, sentence))
    assert translated, f"no translation into {folder}"
    assert sorted(set(PLACE.findall(translated[0]))) == sorted(set(PLACE.findall(sentence)))


@pytest.mark.parametrize("folder", ["en", "ru", "uz"])
def test_the_catalogues_say_everything_once(folder: str) -> None:
    assert {key: said for key, said in CATALOGUES[folder].items() if len(said) > 1 or not said[0]} == {}


def test_uzbek_is_written_with_its_own_signs() -> None:
    for (_, _), (text, *_) in CATALOGUES["uz"].items():
        for before, sign in re.findall("(.?)(['`\u2018\u2019\u02bb\u02bc])", re.sub("y-'yil'", "", text)):
            assert sign == (TURNED_COMMA if before in set("oOgG") else TUTUQ), text


@pytest.mark.parametrize("sentence", SENTENCES)
def test_uzbek_in_cyrillic_script_has_no_latin_letters(sentence: str) -> None:
    rendered = PLACE.sub("", render(Message(sentence), UZ_CYRL))
    assert not re.search("[A-Za-z]", re.sub(r"\b[IVX]{2,}\b", "", rendered)), rendered


@pytest.mark.parametrize("sentence", SENTENCES)
def test_russian_has_no_letters_of_english(sentence: str) -> None:
    assert not re.search("[A-Za-z]{3,}", PLACE.sub("", render(Message(sentence), RU)).replace("ad referendum", ""))


# Labels


@pytest.mark.parametrize("wanted", [EN, RU, UZ, UZ_CYRL])
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__name__}.{member.value}")
def test_every_code_of_treaty_law_has_a_name(member: Code, wanted: Language) -> None:
    name = label(member, wanted)
    assert name != member.value
    if wanted is not EN:
        assert name != label(member, EN)
        assert bool(CYRILLIC.search(name)) is (wanted is not UZ)
    if wanted is UZ_CYRL:
        assert not re.search("[A-Za-z]", name)


@pytest.mark.parametrize("wanted", [EN, RU, UZ, UZ_CYRL])
@pytest.mark.parametrize("enumeration", ENUMERATIONS)
def test_no_two_codes_share_a_name(enumeration: type[Code], wanted: Language) -> None:
    names = [label(member, wanted) for member in enumeration]
    assert len(set(names)) == len(names)


def test_codes_are_named_in_the_terms_of_treaty_law() -> None:
    names = [label(LegalActKind.ENTRY_INTO_FORCE, wanted) for wanted in Language]
    assert names == [
        "entry into force",
        f"вступление {CYRILLIC_V} силу",
        "kuchga kirish",
        "кучга кириш",
    ]


def test_one_word_of_two_enumerations_may_mean_two_things() -> None:
    assert label(LegalActKind.EXPIRED, EN) == "expiry"
    assert label(AgreementStatus.EXPIRED, EN) == "expired"


def test_a_code_that_no_catalogue_names_is_said_in_small_letters() -> None:
    class Colour(Code):
        DARK_RED = "DARK_RED", "Dark red."

    assert [label(Colour.DARK_RED, wanted) for wanted in Language] == ["dark red"] * 4


# Sentences and values


def test_a_message_becomes_a_sentence() -> None:
    assert render(Message("signed on {day}", {"day": ["day", "2024-09-15"]}), EN) == "Signed on 15 September 2024."
    assert render(Message("Is it?"), EN) == "Is it?"


def test_messages_follow_one_another_as_sentences() -> None:
    assert render([Message("one"), Message("Two."), Message("three")], EN) == "One. Two. Three."
    assert render((), RU) == ""


def test_a_message_without_translation_is_said_in_english() -> None:
    message = Message("No catalogue has this: {day}", {"day": ["day", "2024-09-15"]})
    assert render(message, UZ) == "No catalogue has this: 2024-yil 15-sentabr."
    assert render(message, UZ_CYRL) == "No catalogue has this: 2024 йил 15 сентябрь."


def test_a_place_without_a_value_stays_visible() -> None:
    assert render(Message("{missing} of {there}", {"there": 1}), EN) == "{missing} of 1."
    assert "{missing}" in render(Message("{missing}"), UZ_CYRL)


def test_values_are_never_read_as_places() -> None:
    message = Message("{a}, {b}", {"a": ["text", "{b}"], "b": ["text", "{a.__class__}"]})
    assert render(message, EN) == "{b}, {a.__class__}."


@pytest.mark.parametrize(
    ("wanted", "day"),
    [
        (EN, "15 September 2024"),
        (RU, f"15 сентября 2024 {CYRILLIC_G}"),
        (UZ, "2024-yil 15-sentabr"),
        (UZ_CYRL, "2024 йил 15 сентябрь"),
    ],
)
def test_days_are_written_as_official_texts_write_them(wanted: Language, day: str) -> None:
    assert said(["day", "2024-09-15"], wanted) == day


@pytest.mark.parametrize(
    ("edtf", "english"),
    [
        ("2024-09-15", "15 September 2024"),
        ("2024-09", "September 2024"),
        ("2024", "2024"),
        ("0987", "987"),
        ("2024-XX", "2024"),
        ("2024-09-XX", "September 2024"),
        ("2024~", "About 2024"),
        ("2024-09?", "Possibly September 2024"),
        ("2024-09-15%", "Possibly about 15 September 2024"),
        ("202X", "Between 2020 and 2029"),
        ("20XX", "Between 2000 and 2099"),
        ("../2026-01-20", "Not later than 20 January 2026"),
        ("/2026-01-20", "Not later than 20 January 2026"),
        ("2024-09/..", "Not earlier than September 2024"),
        ("2024-09/", "Not earlier than September 2024"),
        ("2024-09-01/2025", "Between 1 September 2024 and 2025"),
        ("2024~/2025-XX", "Between about 2024 and 2025"),
        ("201X/202X", "Between 2010 and 2029"),
        ("../..", "An unknown date"),
        ("XXXX-02-29", "29 February of an unknown year"),
        ("XXXX-11", "November of an unknown year"),
        ("XXXX", "An unknown year"),
    ],
)
def test_uncertain_dates_are_said_in_words(edtf: str, english: str) -> None:
    assert said(["edtf", edtf], EN) == english
    translations = {said(["edtf", edtf], wanted) for wanted in Language}
    assert len(translations) == 4 or edtf == "0987"
    assert not re.search("[A-Za-z]", said(["edtf", edtf], UZ_CYRL) + said(["edtf", edtf], RU))


def test_inflected_languages_have_the_month_in_the_case_that_the_phrase_asks_for() -> None:
    assert said(["edtf", "2024-09"], RU) == f"Сентябрь 2024 {CYRILLIC_G}"
    assert said(["edtf", "../2024-09"], RU).endswith(f" позднее сентября 2024 {CYRILLIC_G}")
    assert said(["edtf", "2024-09/.."], UZ) == "2024-yil sentabrdan oldin emas"
    assert said(["edtf", "2024-09/.."], UZ_CYRL) == "2024 йил сентябрдан олдин эмас"


@pytest.mark.parametrize(
    ("edtf", "english"),
    [
        ("2024-01/2024-06", "From January 2024 to June 2024"),
        ("../2024", "Until 2024"),
        ("2024/", "From 2024 on"),
        ("2024-05", "May 2024"),
    ],
)
def test_periods_run_from_and_to(edtf: str, english: str) -> None:
    assert said(["period", edtf], EN) == english


@given(st.dates())
def test_every_day_of_the_calendar_can_be_said(day: date) -> None:
    for wanted in Language:
        assert said(["day", day.isoformat()], wanted) == said(["edtf", day.isoformat()], wanted)
        assert str(day.day) in said(["day", day.isoformat()], wanted)


def test_countries_have_the_names_of_the_cldr_in_both_scripts() -> None:
    names = [country_name("UZ", wanted) for wanted in Language]
    assert names == ["Uzbekistan", "Узбекистан", f"O{TURNED_COMMA}zbekiston", "Ўзбекистон"]
    # Not what the letters alone would give: Yaponiya, Polsha and Isroil are spelt by the CLDR.
    for code in map(str, Locale.parse("uz_Cyrl").territories):
        if re.fullmatch("[A-Z]{2}", code):
            assert said(["country", code], UZ_CYRL).casefold() == country_name(code, UZ_CYRL).casefold()
    assert country_name("PL", UZ_CYRL) == "Польша"
    assert country_name("QQ", RU) == "QQ"


def test_names_that_come_as_text_stay_as_they_are() -> None:
    message = Message("{country}: {title}", {"country": ["country", "DE"], "title": ["text", "Joint Declaration"]})
    assert render(message, UZ_CYRL) == "Германия: Joint Declaration."
    assert render(Message("{code}", {"code": "UZ-DE-2024"}), UZ_CYRL) == "UZ-DE-2024."


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (EN, "Uzbekistan, Germany and Poland"),
        (RU, f"Узбекистан, Германия {chr(0x438)} Польша"),
        (UZ, f"O{TURNED_COMMA}zbekiston, Germaniya va Polsha"),
        (UZ_CYRL, "Ўзбекистон, Германия ва Польша"),
    ],
)
def test_lists_are_joined_as_the_language_joins_them(wanted: Language, names: str) -> None:
    assert said(["countries", ["UZ", "DE", "PL"]], wanted) == names
    assert said(["country", ["UZ", "DE", "PL"]], wanted) == names


def test_possible_statuses_are_alternatives_and_acts_are_not() -> None:
    assert said(["statuses", ["SIGNED", "IN_FORCE"]], EN) == "Signed or in force"
    assert said(["statuses", ["SIGNED", "IN_FORCE"]], UZ) == "Imzolangan yoki kuchda"
    assert said(["acts", ["SIGNATURE", "RATIFICATION"]], EN) == "Signature and ratification"
    assert said(["acts", ["SIGNATURE", "RATIFICATION"]], UZ_CYRL) == "Имзолаш ва ратификация"


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        (EN, ["0 months", "1 month", "2 months", "5 months", "12 months", "21 months"]),
        (RU, ["0 месяцев", "1 месяц", "2 месяца", "5 месяцев", "12 месяцев", "21 месяц"]),
        (UZ, ["0 oy", "1 oy", "2 oy", "5 oy", "12 oy", "21 oy"]),
        (UZ_CYRL, ["0 ой", "1 ой", "2 ой", "5 ой", "12 ой", "21 ой"]),
    ],
)
def test_months_are_counted_with_the_plural_of_the_language(wanted: Language, counts: list[str]) -> None:
    assert [said(["months", number], wanted) for number in (0, 1, 2, 5, 12, 21)] == counts


def test_durations_are_said_in_their_units() -> None:
    assert said(["duration", "P1M15D"], EN) == "1 month and 15 days"
    assert said(["duration", "P30D"], RU) == "30 дней"
    assert said(["duration", "P2W"], UZ_CYRL) == "2 ҳафта"
    assert said(["duration", "P3Y"], UZ) == "3 yil"


def test_numbers_have_the_separators_of_the_language() -> None:
    assert said(["number", 80000], EN) == "80,000"
    assert said(["number", 80000], RU) == "80\u00a0000"
    assert said(80000, EN) == "80000"


@pytest.mark.parametrize(
    ("share", "english"),
    [(1.004, "100.4%"), (0.996, "99.6%"), (0.9999, "99.99%"), (1.00001, "100.001%"), (1, "100%"), (1.0, "100%")],
)
def test_a_part_is_never_rounded_to_the_whole(share: float, english: str) -> None:
    assert words("percent", share, EN) == english


@pytest.mark.parametrize(("share", "english"), [(0, "0%"), (0.123, "12%"), (0.99, "99%"), (1.25, "125%")])
def test_other_shares_are_told_in_whole_per_cent(share: float, english: str) -> None:
    assert words("percent", share, EN) == english


def test_rules_and_renewals_of_terms_are_named() -> None:
    values = {"rule": ["rule", "ON_SIGNATURE"], "renewal": ["renewal", "TACIT"], "type": ["type", "PROTOCOL"]}
    assert render(Message("{rule}; {renewal}; {type}", values), EN) == "On signature; tacit renewal; protocol."


def test_a_pair_that_came_through_json_is_rendered_alike() -> None:
    message = Message("{day}", {"day": ["day", "2024-09-15"]})
    assert render(Message.from_json(message.to_json()), RU) == render(message, RU)
