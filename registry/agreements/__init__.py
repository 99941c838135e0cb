"""Instruments between countries: their parties, legal acts, terms, relations and documents, and what follows from them.

Status, terms and due dates are never typed: `registry.status` computes them from acts and terms, and they are stored
beside the agreement in the same transaction (`derivation`), so that a question about any day is an indexed look-up.
"""

from registry.agreements.acts import record_act, withdraw_act
from registry.agreements.derivation import DERIVED, complete, derive, derived_rows, stored_rows
from registry.agreements.register import (
    AgreementRevised,
    DocumentStated,
    PartyNamed,
    RelationStated,
    TermStated,
    TitleGiven,
    attach_document,
    register,
    relate,
    revise,
)
from registry.agreements.tables import (
    ABOUT_LABOUR,
    Agreement,
    AgreementDue,
    AgreementLevel,
    AgreementRelationKind,
    AgreementSector,
    AgreementSubject,
    Document,
    Laterality,
    LegalAct,
    Party,
    Relation,
    RunningTerm,
    StatusGround,
    StatusPossibility,
    StatusSpan,
    Subject,
    Term,
)

__all__ = [
    "ABOUT_LABOUR",
    "DERIVED",
    "Agreement",
    "AgreementDue",
    "AgreementLevel",
    "AgreementRelationKind",
    "AgreementRevised",
    "AgreementSector",
    "AgreementSubject",
    "Document",
    "DocumentStated",
    "Laterality",
    "LegalAct",
    "Party",
    "PartyNamed",
    "Relation",
    "RelationStated",
    "RunningTerm",
    "StatusGround",
    "StatusPossibility",
    "StatusSpan",
    "Subject",
    "Term",
    "TermStated",
    "TitleGiven",
    "attach_document",
    "complete",
    "derive",
    "derived_rows",
    "record_act",
    "register",
    "relate",
    "revise",
    "stored_rows",
    "withdraw_act",
]
