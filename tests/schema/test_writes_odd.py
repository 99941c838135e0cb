"""What mutations write although it looks odd, and tell."""

from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.companies import LicenceState, PartnershipStage, record_licence, record_partnership
from registry.engagements import EngagementKind
from registry.history import changeset
from tests.factories import (
    WORDS,
    make_engagement,
    make_figure,
    make_quota,
)
from tests.schema.writing import VALID, Editor, Input


def test_what_looks_odd_is_written_and_told(registry: sa.Engine, tmp_path: Path) -> None:
    text = "It was signed in Tashkent."
    digest = sha256(text.encode()).hexdigest()
    (tmp_path / digest).write_text(text, encoding="utf-8")
    edit = Editor(registry, documents_dir=str(tmp_path))
    source = VALID["sourceAdd"] | {"reference": "held", "sha256": digest}
    edit("sourceAdd", **source)
    edit("legalActRecord", **VALID["legalActRecord"] | {"date": "2024-03-05"})
    words = [{"source": "held", "quote": "signed in Berlin"}]

    shown = edit(
        "legalActRecord",
        "act { date { edtf } }",
        **VALID["legalActRecord"] | {"date": "2024-05-03", "citations": words},
    )

    assert shown["act"] == {"date": {"edtf": "2024-05-03"}}
    swapped, quote = shown["warnings"]
    assert (swapped["code"], swapped["path"]) == ("DAY_AND_MONTH_SWAPPED", ["date"])
    assert "some-source puts the SIGNATURE on 2024-03-05" in swapped["message"]
    assert swapped["hint"]
    assert (quote["code"], quote["path"]) == ("QUOTE_NOT_FOUND", ["citations", "0", "quote"])


ODD: list[tuple[str, Input, str, str]] = [
    ("agreementRegister", {"term": {"durationMonths": 12}}, "TERM_WITHOUT_FORCE", "term.durationMonths"),
    ("agreementRevise", {"bindingness": "BINDING"}, "ASSESSED_WITHOUT_REASON", "bindingnessReason"),
    ("quotaAllot", {"basis": "DOMESTIC_RULE"}, "DUPLICATE", "reference"),
    (
        "legalActRecord",
        {"kind": "ENTRY_INTO_FORCE", "date": "2024-05-01", "effective": "2024-04"},
        "RETROACTIVE_FORCE",
        "effective",
    ),
    ("quotaRevise", {"places": 1_000}, "TENFOLD_JUMP", "places"),
    (
        "placementsReport",
        {
            "placements": [
                {"period": "2024", "country": "DE", "people": 1},
                {"period": "2025", "country": "DE", "people": 1_000},
            ]
        },
        "TENFOLD_JUMP",
        "placements.0.people",
    ),
    ("figureReport", {"value": "1000", "destinations": ["DE"]}, "TENFOLD_JUMP", "value"),
    ("partnershipRecord", {"since": "2024", "agreement": "uz-de"}, "DUPLICATE", "stage"),
    ("licenceRecord", {"number": " 7"}, "DUPLICATE", "state"),
    ("engagementRecord", {"date": "2024-05-01"}, "DUPLICATE", "date"),
]


@pytest.mark.parametrize(("field", "said", "code", "path"), ODD, ids=[case[0] for case in ODD])
def test_each_write_is_looked_at(
    edit: Editor, registry: sa.Engine, field: str, said: Input, code: str, path: str
) -> None:
    with changeset(registry, "A test.") as changes:
        make_quota(changes, "before", period="2024", places=10)
        make_figure(changes, value=Decimal(1), period="2023", destinations=["DE"])
        make_engagement(changes, kind=EngagementKind.VISIT, date="2024-05-01", countries=["DE"])
        stage, state = PartnershipStage.ACTIVE, LicenceState.VALID
        record_partnership(changes, company="works", stage=stage, agreement="uz-de", since="2024", citations=WORDS)
        record_licence(changes, company="works", state=state, number="7", citations=WORDS)

    payload = edit(field, **VALID[field] | said)

    assert (code, path) in [(warning["code"], ".".join(warning["path"])) for warning in payload["warnings"]]
