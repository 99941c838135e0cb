"""Answers are repeated only for as long as nothing has been committed."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from registry.history import RegistryState
from registry.settings import Settings
from registry.web.pages import PAGES
from registry.web.pages.documents import document
from schema import schema
from schema.execution.answers import LONGEST_QUESTION, OVERHEAD, Answers, Key
from schema.execution.direct import Direct

KNOWN_AT = "{ knownAt }"


def asked(direct: Direct, query: str = KNOWN_AT, **variables: object) -> bytes:
    answer: bytes | None = asyncio.run(direct.execute(query, variables))
    assert answer is not None
    return answer


def commit(engine: sa.Engine, known_at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(RegistryState).values(known_at=known_at))


@pytest.fixture
def direct(seeded_copy: sa.Engine) -> Direct:
    return Direct(schema, seeded_copy, Settings())


def test_a_question_asked_again_has_the_answer_that_was_kept(direct: Direct) -> None:
    first = asked(direct)
    assert (asked(direct), direct.repeated) == (first, 1)


def test_other_variables_are_another_question(direct: Direct) -> None:
    query = "query($code: CountryCode!) { country(code: $code) { code } }"
    answers = {asked(direct, query, code=code) for code in ("DE", "TR", "DE")}
    assert (len(answers), direct.repeated) == (2, 1)


def test_no_answer_is_older_than_a_commit_before_the_question(direct: Direct, seeded_copy: sa.Engine) -> None:
    for day in range(1, 30):
        known_at = datetime(2027, 1, day, tzinfo=UTC)
        commit(seeded_copy, known_at)
        assert f"2027-01-{day:02}T".encode() in asked(direct)
        asked(direct)
    assert direct.repeated == 29


def test_no_answer_is_older_than_a_commit_while_another_writes(direct: Direct, seeded_copy: sa.Engine) -> None:
    begun, done = datetime(2028, 1, 1, tzinfo=UTC), threading.Event()
    latest = begun

    def write() -> None:
        nonlocal latest
        for second in range(150):
            commit(seeded_copy, begun + timedelta(seconds=second))
            latest = begun + timedelta(seconds=second)
        done.set()

    asked(direct)
    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        acknowledged = latest.strftime("%Y-%m-%dT%H:%M:%S").encode()
        answer = asked(direct)
        assert answer.split(b'"')[5] >= acknowledged or acknowledged.startswith(b"2028-01-01T00:00:00")
    writer.join()
    assert b"2028-01-01T00:02:29" in asked(direct)


def test_a_setting_of_nothing_keeps_nothing(seeded_copy: sa.Engine) -> None:
    direct = Direct(schema, seeded_copy, Settings(answer_cache_bytes=0))
    assert asked(direct) == asked(direct)
    assert direct.repeated == 0


def test_postgresql_is_asked_each_time(seeded_postgres: sa.Engine) -> None:
    direct = Direct(schema, seeded_postgres, Settings())
    assert asked(direct) == asked(direct)
    assert direct.repeated == 0
    direct.close()


def put(query: object) -> Key:
    return Key(str(query), b"", None, None)


def test_answers_are_kept_up_to_a_number_of_bytes_the_last_used_longest() -> None:
    answers = Answers(10 * OVERHEAD)
    for number in range(50):
        answers.keep(put(number), 1, b"x" * 100)
        answers.get(put(0), 1)
    assert len(answers) * (OVERHEAD + 100) <= 10 * OVERHEAD
    assert answers.get(put(0), 1) == b"x" * 100
    assert answers.get(put(49), 1) is not None
    assert answers.get(put(1), 1) is None


def test_questions_count_too() -> None:
    answers = Answers(30_000)
    for number in range(50):
        answers.keep(put(f"{number:05} {'#' * 5_000}"), 1, b"x")
    assert len(answers) == 5


def test_the_longest_pages_ask_no_more_than_what_is_kept() -> None:
    longest = max((document(page.name) for page in PAGES), key=len)
    assert Key.of(longest, {}, None, None) is not None
    assert Key.of("#" * (LONGEST_QUESTION + 1), {}, None, None) is None


def test_an_answer_worked_out_before_a_commit_does_not_replace_those_after_it() -> None:
    answers = Answers(100 * OVERHEAD)
    answers.keep(put("new"), 2, b"new")
    answers.keep(put("old"), 1, b"old")
    found = answers.get(put("new"), 2), answers.get(put("old"), 2), answers.get(put("old"), 1)
    assert found == (b"new", None, None)
