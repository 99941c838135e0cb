"""The code lists in seeds/: countries, regions, sectors and occupations, checked as files, without a database."""

import csv
import re
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
NAMES = ("name_en", "name_ru", "name_uz", "name_uz_cyrl")
COLUMNS = {
    "countries": ("code", "alpha3", "numeric", *NAMES, "region", "subregion"),
    "regions": ("code", *NAMES),
    "sectors": ("code", "level", "parent", *NAMES),
    "occupations": ("code", "parent", *NAMES),
}
LISTS = sorted(COLUMNS)

# M49 lists Antarctica outside every region and does not list Taiwan.
WITHOUT_REGION = {"AQ": "Antarctica", "TW": "Taiwan"}
M49_REGIONS = {"002", "009", "019", "142", "150"}

TURNED_COMMA, TUTUQ, IE = "\u02bb", "\u02bc", "\u0435"
LATIN = str.maketrans(
    {"ш": "sh", "ч": "ch", "ц": "ts", "ё": "yo", "ю": "yu", "я": "ya", "э": "e", "ь": "", "ъ": TUTUQ}
    | {"ў": f"o{TURNED_COMMA}", "ғ": f"g{TURNED_COMMA}"}
    | dict(zip("абвгджзийклмнопрстуфхқҳ", "abvgdjziyklmnoprstufxqh", strict=True))
    | {IE: "e"}
)


def read(name: str) -> list[dict[str, str]]:
    """The rows of one code list, in file order."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def by_code(name: str) -> dict[str, dict[str, str]]:
    """The rows of one code list by their code."""
    return {row["code"]: row for row in read(name)}


def latin(cyrillic: str) -> str:
    """Uzbek Cyrillic in the Latin alphabet, in lower case; IE is ye at the start of a word and after a vowel."""
    return re.sub(rf"(?:\b|(?<=[аёиоуэюяўъь{IE}])){IE}", "ye", cyrillic.lower()).translate(LATIN)


@pytest.mark.parametrize("name", LISTS)
def test_a_code_list_is_plain_utf8_with_a_header_and_lf_line_ends(name: str) -> None:
    raw = (SEEDS / f"{name}.csv").read_bytes()
    header = raw.decode("utf-8").split("\n", 1)[0]

    assert tuple(header.split(",")) == COLUMNS[name]
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_complete_and_codes_are_unique_and_sorted(name: str) -> None:
    rows = read(name)
    codes = [row["code"] for row in rows]

    assert codes == sorted(set(codes))
    assert all(set(row) == set(COLUMNS[name]) and None not in row.values() for row in rows)
    assert [value for row in rows for value in row.values() if value != value.strip() or "  " in value] == []
    assert [row["code"] for row in rows if not row["name_en"]] == []


@pytest.mark.parametrize("name", LISTS)
def test_each_language_is_written_in_its_own_alphabet(name: str) -> None:
    rows = read(name)
    cyrillic, other = re.compile("[Ѐ-ӿ]"), re.compile("[A-Za-z]")

    assert [row["code"] for row in rows if cyrillic.search(row["name_en"] + row["name_uz"])] == []
    assert [row["code"] for row in rows if other.search(row["name_ru"] + row["name_uz_cyrl"])] == []


@pytest.mark.parametrize("name", LISTS)
def test_uzbek_latin_has_only_its_own_two_apostrophes(name: str) -> None:
    uzbek = [row["name_uz"] for row in read(name)]

    assert [text for text in uzbek if re.search(r"['`\u00b4\u2018\u2019]", text)] == []
    assert [text for text in uzbek if re.search(f"(?<![OoGg]){TURNED_COMMA}", text)] == []


def test_there_are_249_countries_with_well_formed_and_distinct_codes() -> None:
    rows = read("countries")

    assert len(rows) == 249
    for field, form in (("code", "[A-Z]{2}"), ("alpha3", "[A-Z]{3}"), ("numeric", "[0-9]{3}")):
        assert len({row[field] for row in rows}) == 249
        assert [row[field] for row in rows if not re.fullmatch(form, row[field])] == []


def test_the_countries_are_those_of_iso_3166() -> None:
    iso = pytest.importorskip("pycountry", reason="NOT CHECKED against ISO 3166-1: pycountry is not installed")

    assert {(row["code"], row["alpha3"], row["numeric"]) for row in read("countries")} == {
        (country.alpha_2, country.alpha_3, country.numeric) for country in iso.countries
    }


def test_every_country_has_a_name_in_all_four_languages() -> None:
    assert [row["code"] for row in read("countries") if not all(row[field] for field in NAMES)] == []


def test_no_two_countries_share_a_name() -> None:
    for field in NAMES:
        assert len({row[field] for row in read("countries")}) == 249


def test_only_antarctica_and_taiwan_are_without_a_region() -> None:
    rows = read("countries")

    assert {row["code"]: row["name_en"] for row in rows if not row["region"]} == WITHOUT_REGION
    assert {row["code"]: row["name_en"] for row in rows if not row["subregion"]} == WITHOUT_REGION


def test_regions_are_exactly_those_the_countries_lie_in() -> None:
    countries = read("countries")
    used = {row[field] for row in countries for field in ("region", "subregion")} - {""}

    assert used == by_code("regions").keys()
    assert {row["region"] for row in countries} - {""} == M49_REGIONS
    assert {row["subregion"] for row in countries}.isdisjoint(M49_REGIONS)


def test_a_subregion_lies_in_one_region() -> None:
    pairs = {(row["subregion"], row["region"]) for row in read("countries")} - {("", "")}

    assert len({subregion for subregion, _ in pairs}) == len(pairs) == 17


def test_regions_are_named_save_where_cldr_is_silent() -> None:
    silent = {(row["code"], field) for row in read("regions") for field in NAMES if not row[field]}

    assert silent == {("202", "name_uz_cyrl")}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("UZ", ("UZB", "860", "Uzbekistan", "Узбекистан", f"O{TURNED_COMMA}zbekiston", "Ўзбекистон", "142", "143")),
        ("DE", ("DEU", "276", "Germany", "Германия", "Germaniya", "Германия", "150", "155")),
        ("TR", ("TUR", "792", "Türkiye", "Турция", "Turkiya", "Туркия", "142", "145")),
        ("KR", ("KOR", "410", "South Korea", "Республика Корея", "Janubiy Koreya", "Жанубий Корея", "142", "030")),
        ("GB", ("GBR", "826", "United Kingdom", "Великобритания", "Buyuk Britaniya", "Буюк Британия", "150", "154")),
        ("BR", ("BRA", "076", "Brazil", "Бразилия", "Braziliya", "Бразилия", "019", "419")),
        ("NA", ("NAM", "516", "Namibia", "Намибия", "Namibiya", "Намибия", "002", "202")),
    ],
)
def test_a_country_known_by_heart_is_right(code: str, expected: tuple[str, ...]) -> None:
    row = by_code("countries")[code]

    assert tuple(row[field] for field in COLUMNS["countries"][1:]) == expected


@pytest.mark.parametrize(
    ("name", "code", "cyrillic"),
    [("regions", "021", "Шимолий Америка"), ("sectors", "06", "Хом нефть ва табиий газ қазиб олиш")],
)
def test_a_name_in_uzbek_cyrillic_known_by_heart_is_right(name: str, code: str, cyrillic: str) -> None:
    assert by_code(name)[code]["name_uz_cyrl"] == cyrillic


def test_isic_has_21_sections_and_88_divisions_under_them() -> None:
    rows = by_code("sectors")
    sections = {code for code, row in rows.items() if row["level"] == "SECTION"}
    divisions = {code for code, row in rows.items() if row["level"] == "DIVISION"}

    assert sections == set("ABCDEFGHIJKLMNOPQRSTU")
    assert len(divisions) == 88
    assert [code for code in divisions if not re.fullmatch("[0-9]{2}", code)] == []
    assert {rows[code]["parent"] for code in sections} == {""}
    assert {rows[code]["parent"] for code in divisions} == sections
    assert len(rows) == 21 + 88


def test_isic_divisions_stand_in_the_order_of_their_sections() -> None:
    parents = [row["parent"] for row in read("sectors") if row["level"] == "DIVISION"]
    absent = {f"{number:02}" for number in range(1, 100)} - by_code("sectors").keys()

    assert parents == sorted(parents)
    assert absent == {"04", "34", "40", "44", "48", "54", "57", "67", "76", "83", "89"}


@pytest.mark.parametrize(
    ("code", "parent", "title"),
    [
        ("A", "", "Agriculture, forestry and fishing"),
        ("C", "", "Manufacturing"),
        ("F", "", "Construction"),
        ("Q", "", "Human health and social work activities"),
        ("01", "A", "Crop and animal production, hunting and related service activities"),
        ("33", "C", "Repair and installation of machinery and equipment"),
        ("43", "F", "Specialized construction activities"),
        ("49", "H", "Land transport and transport via pipelines"),
        ("78", "N", "Employment activities"),
        ("86", "Q", "Human health activities"),
        ("97", "T", "Activities of households as employers of domestic personnel"),
        ("99", "U", "Activities of extraterritorial organizations and bodies"),
    ],
)
def test_an_isic_title_known_by_heart_is_right(code: str, parent: str, title: str) -> None:
    row = by_code("sectors")[code]

    assert (row["parent"], row["name_en"]) == (parent, title)


def test_every_isic_section_has_its_russian_title() -> None:
    assert [row["code"] for row in read("sectors") if row["level"] == "SECTION" and not row["name_ru"]] == []


def test_uzbek_sector_titles_say_the_same_in_both_alphabets() -> None:
    rows = read("sectors")

    assert [row["code"] for row in rows if row["name_uz"].lower() != latin(row["name_uz_cyrl"])] == []
    assert {row["code"] for row in rows if row["name_uz"]} >= set("ABCDEFGHIJKLMNOPQR")


def test_isco_has_10_major_and_43_sub_major_groups_under_them() -> None:
    rows = by_code("occupations")
    major = {code for code, row in rows.items() if not row["parent"]}

    assert major == set("0123456789")
    assert len(rows) == 10 + 43
    assert [code for code in rows.keys() - major if not re.fullmatch("[0-9]{2}", code)] == []
    assert {code: row["parent"] for code, row in rows.items() if code not in major} == {
        code: code[0] for code in rows if code not in major
    }
    assert {row["parent"] for row in rows.values()} - {""} == major


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("0", "Armed forces occupations"),
        ("1", "Managers"),
        ("2", "Professionals"),
        ("22", "Health professionals"),
        ("32", "Health associate professionals"),
        ("53", "Personal care workers"),
        ("71", "Building and related trades workers, excluding electricians"),
        ("83", "Drivers and mobile plant operators"),
        ("92", "Agricultural, forestry and fishery labourers"),
        ("96", "Refuse workers and other elementary workers"),
    ],
)
def test_an_isco_title_known_by_heart_is_right(code: str, title: str) -> None:
    assert by_code("occupations")[code]["name_en"] == title


def test_occupations_have_russian_titles_save_the_ranks_of_the_armed_forces() -> None:
    assert {row["code"] for row in read("occupations") if not row["name_ru"]} <= {"01", "02", "03"}
