"""Instruments between countries: their parties, legal acts, terms, relations and documents, and what follows from them.

Status, terms and due dates are never typed: `registry.status` computes them from acts and terms, and they are stored
beside the agreement in the same transaction (`derivation`), so that a question about any day is an indexed look-up.
"""

from registry.agreements.derivation import DERIVED, derive, derived_rows, stored_rows
from registry.agreements.register import (
    DocumentStated,
    PartyNamed,
    RelationStated,
    attach_document,
    record_act,
    register,
    relate,
    withdraw_act,
)
from registry.agreements.tables import (
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
    "DERIVED",
    "Agreement",
    "AgreementDue",
    "AgreementLevel",
    "AgreementRelationKind",
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
    "attach_document",
    "derive",
    "derived_rows",
    "record_act",
    "register",
    "relate",
    "stored_rows",
    "withdraw_act",
]
