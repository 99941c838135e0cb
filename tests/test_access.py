"""Nothing leaks: each role reads a registry as if what is hidden from it had never been there."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from registry.access import ANYONE, OFFICIAL, RESTRICTED, Actor, Audience, Role
from registry.agreements import AgreementRelationKind, DocumentStated, RelationStated, Subject
from registry.exchange import load_seeds
from registry.history import changeset
from registry.sources import Cited
from registry.status import LegalActKind
from tests.factories import make_act, make_agreement, make_engagement, make_quota, make_source
from tests.schema.asking import Asker, queries
from tests.schema.conftest import new_sqlite
from tests.schema.made_facts import add_facts

__all__ = ["new_sqlite"]

READER = Actor("A reader", Role.READER)


def hide(engine: sa.Engine, name: str, audience: Audience) -> None:
    """Adds an agreement for an audience, with all that goes with one, and a dealing."""
    words = [Cited(name, quote=f"Words of {name}.")]
    with changeset(engine, f"Reason {name}.") as changes:
        make_source(changes, name, title=f"Source {name}")
        make_agreement(
            changes,
            name,
            ["UZ", "KR"],
            title_as_printed=f"Title {name}",
            subjects=[Subject.LABOUR_MIGRATION],
            sectors=["41"],
            relations=[RelationStated(AgreementRelationKind.AMENDS, "made-00")],
            documents=[DocumentStated(f"Text {name}", "en", source=name)],
            audience=audience,
            citations=words,
        )
        make_act(changes, LegalActKind.ENTRY_INTO_FORCE, "2020", name, citations=words)
        make_quota(changes, name, agreement=name, country="KR", origins=["UZ"], period="2024", citations=words)
        make_engagement(changes, reference=name, title=f"Talks {name}", audience=audience, citations=words)


@pytest.fixture(scope="module")
def pair(new_sqlite: Callable[[], sa.Engine]) -> tuple[sa.Engine, sa.Engine]:
    """The same registry twice, the second time with what only officials, and only administrators, may see."""
    made = new_sqlite(), new_sqlite()
    for engine in made:
        load_seeds(engine)
        add_facts(engine)
    hide(made[1], "hidden-official", OFFICIAL)
    hide(made[1], "hidden-restricted", RESTRICTED)
    for engine in made:
        with engine.begin() as connection:  # so that their cursors can be compared
            connection.execute(sa.text("UPDATE registry_state SET cursor_key = 'ab'"))
    return made


def test_the_public_is_answered_as_if_what_is_hidden_had_never_been(pair: tuple[sa.Engine, sa.Engine]) -> None:
    without, hidden = (Asker(engine, ANYONE) for engine in pair)
    for query in queries().values():
        if "knownAt" not in query:
            assert hidden.answer(query) == without.answer(query)


@pytest.mark.parametrize(("actor", "unseen"), [(ANYONE, "hidden-"), (READER, "hidden-restricted")])
def test_no_word_of_what_is_hidden_is_told(pair: tuple[sa.Engine, sa.Engine], actor: Actor, unseen: str) -> None:
    ask = Asker(pair[1], actor)
    told = [ask.answer(query) for query in queries().values()]
    told.append(ask.answer("{ changes(last: 100) { nodes { reason subjectType } } }"))
    told.append(ask.answer("{ sources(first: 100) { totalCount nodes { reference title } } }"))

    assert unseen not in json.dumps(told, default=str)
    assert ask('{ agreement(reference: "hidden-restricted") { id } }')["agreement"] is None
