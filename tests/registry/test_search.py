"""Finding by words in four scripts: whoever knows what she means finds it, and little else."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from registry import companies
from registry.history import changeset
from registry.search import SearchEntry, SearchKind, complete, found, snippet, sought
from registry.search.forms import forms
from registry.sources import Cited
from registry.withdrawal import withdraw

# What is asked, of which kinds (an empty text: all), and what should be found, by reference or code. Written from the
# seeds before it was tried: what a reader of the seeds would say is meant.
QUESTIONS = """
Germany agreement | AGREEMENT | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
Germaniya kelishuv | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
Германия келишув | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
соглашение Германия | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
соглашения с Германией | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
Germaniya bilan kelishuvlar | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
Германия билан келишувлар | | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024
GERMANY | COUNTRY | DE
germany | | DE uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024 sbh-west cooperation-de
Absichtserklärung | | uz-de-declaration-of-intent-2023
absichtserklarung | | uz-de-declaration-of-intent-2023
declaration of intent | | uz-de-declaration-of-intent-2023
декларация о намерениях | | uz-de-declaration-of-intent-2023
niyatlar toʻgʻrisidagi deklaratsiya | | uz-de-declaration-of-intent-2023
niyatlar to'g'risidagi deklaratsiya | | uz-de-declaration-of-intent-2023
ниятлар тўғрисидаги декларация | | uz-de-declaration-of-intent-2023
comprehensive partnership migration mobility | | uz-de-migration-mobility-2024
SBH WEST | | sbh-west
sbh west gmbh | | sbh-west
Hyundai | | hyundai-heavy-industries
heavy industry | | hyundai-heavy-industries
proud partners | | proud-partners
Japan company | | proud-partners
компания Япония | | proud-partners
Yaponiya kompaniyasi | | proud-partners
Япония компанияси | | proud-partners
Koreya kompaniyalari | | hyundai-heavy-industries
South Korea | COUNTRY | KR
Janubiy Koreya | COUNTRY | KR
Жанубий Корея | COUNTRY | KR
Южная Корея | COUNTRY | KR
Республика Корея сотрудничество | | cooperation-kr
Turkey | COUNTRY | TR
Türkiye | COUNTRY | TR
Turkiya | COUNTRY | TR
Туркия | COUNTRY | TR
Турция | COUNTRY | TR
в Турции | COUNTRY | TR
İŞKUR memorandum | | uz-tr-iskur-memorandum
iskur | INSTITUTION | iskur
меморандум Италия | | uz-it-memorandum-2025
Italiya memorandum | | uz-it-memorandum-2025
Италия меморандуми | | uz-it-memorandum-2025
memorandum of understanding Italy | | uz-it-memorandum-2025
migration fund | INSTITUTION | migration-fund
migration agency | INSTITUTION | [agencies]
External Labour Migration Agency | | external-labour-migration-agency
ministry of labour | INSTITUTION | ministry-of-employment-and-labour-relations kyrgyz-migration-ministry
министерство | INSTITUTION | ministry-of-employment-and-labour-relations kyrgyz-migration-ministry
vazirlik | INSTITUTION | ministry-of-employment-and-labour-relations kyrgyz-migration-ministry
вазирлиги | INSTITUTION | ministry-of-employment-and-labour-relations kyrgyz-migration-ministry
training centers | INSTITUTION | specialised-training-centres vocational-training-centres job-placement-service-centres
inson | | inson-centres
microloans | | migration-fund-microloans
микрозаймы | PROGRAMME | migration-fund-microloans microcredit-system
mikroqarz | PROGRAMME | migration-fund-microloans microcredit-system
микроқарз | PROGRAMME | migration-fund-microloans microcredit-system
возмещение расходов | PROGRAMME | cost-reimbursement language-refund
language refund | PROGRAMME | language-refund
subsidy return | PROGRAMME | return-subsidy
субсидия вернувшимся | PROGRAMME | return-subsidy
air transport Azerbaijan | | uz-az-air-1996
railway | AGREEMENT | uz-az-rail-1996 uz-az-rail-2008
транспорт Азербайджан | AGREEMENT | [transport-az]
Ozarbayjon transport kelishuvi | AGREEMENT | [transport-az]
free trade | | uz-az-free-trade
полезные ископаемые | | uz-us-minerals-2025
rights of persons with disabilities | | crpd
ILO convention | | ilo-c97 ilo-c143
C143 | | ilo-c143
readmission | AGREEMENT | uz-de-declaration-of-intent-2023 uz-de-migration-mobility-2024 uz-se-migration-mobility-draft
реадмиссия Швеция | AGREEMENT | uz-se-migration-mobility-draft
Shvetsiya qo‘shma deklaratsiya | | uz-se-joint-declaration
Швеция қўшма декларация | | uz-se-joint-declaration
совместная декларация Швеция | | uz-se-joint-declaration
Rossiya bitim | AGREEMENT | uz-ru-labour-activity-2007 uz-ru-representations-2017 eaeu-treaty kg-ru-employment
Россия права мигрантов | AGREEMENT | uz-ru-labour-activity-2007
Turkey visit President | | turkiye-visit-2026
визит в Турцию | | turkiye-visit-2026
Turkiyaga tashrif | | turkiye-visit-2026
Туркияга ташриф | | turkiye-visit-2026
PF-162 | | decree-pf-162
Qatar | | QA qatar-intergovernmental-commission
Latvia ambassador | | latvia-meeting-january
construction | SECTOR | F 41 42 43
строительство | SECTOR | F 41 42
qurilish | SECTOR | F
Bracero | | bracero-program
"""
QUESTIONS = QUESTIONS.replace("[transport-az]", "uz-az-air-1996 uz-az-rail-1996 uz-az-rail-2008 [with-turkiye]")
AGENCIES = "migration-agency external-labour-migration-agency migration-agency-representation-turkiye"
QUESTIONS = QUESTIONS.replace("[agencies]", f"{AGENCIES} labour-migration-agencies-abroad")
QUESTIONS = QUESTIONS.replace("[with-turkiye]", "casca-plus-protocol uz-air-navigation-association")
ASKED = [tuple(part.strip() for part in line.split("|")) for line in QUESTIONS.strip().splitlines()]


def ask(engine: sa.Engine, text: str, kind: str = "") -> list[SearchEntry]:
    entry = found(sa.literal(sought(text))).subquery()
    wanted = sa.select(entry).order_by(entry.c.tier, entry.c.kind_rank, entry.c.sort_key, entry.c.id)
    with Session(engine) as session:
        return [row for row in session.execute(wanted).all() if not kind or row.kind == kind]  # type: ignore[misc]


@pytest.fixture(scope="session")
def names(any_seeded: sa.Engine) -> dict[tuple[str, str], str]:
    """The reference of each record that can be found, by its kind and id."""
    tables = {"AGREEMENT": "agreement", "COMPANY": "company", "INSTITUTION": "institution"}
    tables |= {"PROGRAMME": "programme", "ENGAGEMENT": "engagement"}
    with any_seeded.connect() as connection:
        return {
            (kind, str(row.id)): row.reference
            for kind, table in tables.items()
            for row in connection.execute(sa.text(f"SELECT id, reference FROM {table}"))
        }


def test_what_is_meant_is_found_and_little_else(any_seeded: sa.Engine, names: dict[tuple[str, str], str]) -> None:
    recalls, precisions, told = [], [], []
    for text, kind, expected in ASKED:
        got = {names.get((row.kind, row.key), row.key) for row in ask(any_seeded, text, kind)}
        meant = set(expected.split())
        recalls.append(len(got & meant) / len(meant))
        precisions.append(len(got & meant) / len(got) if got else 0)
        if got != meant:
            told.append(f"{text}: not found {sorted(meant - got)}, not meant {sorted(got - meant)}")
    recall, precision = sum(recalls) / len(ASKED), sum(precisions) / len(ASKED)

    assert len(ASKED) >= 60
    assert recall >= 0.95, "\n".join([f"recall {recall:.3f}", *told])
    assert precision >= 0.9, "\n".join([f"precision {precision:.3f}", *told])


def register(engine: sa.Engine, name: str) -> None:
    with Session(engine) as session:
        source = session.scalars(sa.text("SELECT reference FROM source ORDER BY id LIMIT 1")).one()
    with changeset(engine, "A test.") as changes:
        companies.register(
            changes,
            reference="new",
            name=name,
            country="DE",
            roles=[companies.PartnerRole.EMPLOYER],
            citations=[Cited(source, note="So.")],
        )


def test_the_index_follows_the_records(seeded_copy: sa.Engine) -> None:
    register(seeded_copy, "Nordstern Pflege")
    assert [row.sort_key for row in ask(seeded_copy, "nordstern")] == ["nordstern pflege"]

    with changeset(seeded_copy, "Renamed.") as changes:
        companies.revise(changes, reference="new", expected_version=1, name="Suedstern")
    assert [row.sort_key for row in ask(seeded_copy, "suedstern")] == ["suedstern"]
    assert ask(seeded_copy, "Nordstern"), "a former name still finds it"

    with changeset(seeded_copy, "Entered by mistake.") as changes:
        key = changes.session.scalars(sa.select(companies.Company).filter_by(reference="new")).one().id
        assert key
        withdraw(changes, companies.Company, key)
    assert ask(seeded_copy, "suedstern") == []


def test_what_was_written_before_the_index_comes_into_it(seeded_copy: sa.Engine) -> None:
    def held() -> list[tuple[str, str]]:
        return [(row.kind, row.key) for row in ask(seeded_copy, "migration")]

    before = held()
    with seeded_copy.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_entry")
        connection.exec_driver_sql("DELETE FROM search_terms")
    assert held() == []

    complete(seeded_copy)
    assert held() == before != []


def test_names_come_before_other_words_and_comparators_last(seeded: sa.Engine) -> None:
    tiers = [row.tier for row in ask(seeded, "migration")]  # type: ignore[attr-defined]

    assert tiers == sorted(tiers)
    assert {0, 1, 2, 3} == set(tiers)


@pytest.mark.parametrize("text", ["", "   ", "!?…", "'", '"', "* : ^", "NEAR(", "a OR", "\\", "& | !", "<->"])
def test_signs_find_nothing_and_break_nothing(any_seeded: sa.Engine, text: str) -> None:
    for row in ask(any_seeded, text):
        assert row.kind in SearchKind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Германия", "Germaniya"),
        ("Германией", "Германия"),
        ("Oʻzbekiston", "Ўзбекистон"),
        ("O'zbekiston", "O‘zbekiston"),
        ("kelishuvlarning", "келишув"),
        ("hamkorligi", "hamkorlik"),
        ("соглашениями", "соглашение"),
        ("agreements", "Agreement"),
        ("labour", "labor"),
        ("Konvensiya", "конвенция"),
        ("Türkiye", "TURKIYE"),
    ],
)
def test_two_spellings_of_a_word_share_a_form(one: str, other: str) -> None:
    assert not set(forms(one)).isdisjoint(forms(other))


def test_the_words_found_are_shown_in_their_context() -> None:
    long = (
        "Agreement on the recruitment of workers, " * 5
        + "with special care for nurses and midwives of both sides, " * 3
    )
    shown = snippet(["Agreement", long], "nurse")

    assert "nurses" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 200
    assert snippet(["Agreement", long], "nothing of that") == "Agreement"
