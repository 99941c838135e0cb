"""The codes that the law of treaties is told in."""

from registry.codes import Code


class InstrumentType(Code):
    """What kind of instrument it is, by what it calls itself."""

    TREATY = "TREATY", "Instrument that calls itself a treaty."
    CONVENTION = "CONVENTION", "Instrument that calls itself a convention."
    INTERSTATE_AGREEMENT = "INTERSTATE_AGREEMENT", "Agreement between states."
    INTERGOVERNMENTAL_AGREEMENT = "INTERGOVERNMENTAL_AGREEMENT", "Agreement between governments."
    INTERAGENCY_AGREEMENT = "INTERAGENCY_AGREEMENT", "Agreement between ministries or agencies."
    PROTOCOL = "PROTOCOL", "Instrument that calls itself a protocol, often to another one."
    EXCHANGE_OF_NOTES = "EXCHANGE_OF_NOTES", "Exchange of notes or letters that together are one instrument."
    MEMORANDUM_OF_UNDERSTANDING = "MEMORANDUM_OF_UNDERSTANDING", "Memorandum of understanding, whether it binds or not."
    JOINT_DECLARATION = "JOINT_DECLARATION", "Declaration made by the parties together."
    DECLARATION_OF_INTENT = "DECLARATION_OF_INTENT", "Declaration of what the parties mean to do."
    JOINT_STATEMENT = "JOINT_STATEMENT", "Statement made by the parties together."
    ACTION_PLAN = "ACTION_PLAN", "Plan of action, or road map."
    AGREED_MINUTES = "AGREED_MINUTES", "Agreed minutes of talks."
    ARRANGEMENT = "ARRANGEMENT", "Working arrangement between administrations."
    PROGRAMME = "PROGRAMME", "Programme of cooperation."
    COMPANY_CONTRACT = "COMPANY_CONTRACT", "Contract with a company."
    MULTILATERAL_INSTRUMENT = (
        "MULTILATERAL_INSTRUMENT",
        "Instrument open to many states, such as a convention of the United Nations.",
    )
    UNSPECIFIED = "UNSPECIFIED", "No source says what kind it is."


class Bindingness(Code):
    """Whether an instrument binds in law; never read off the title: assessed by someone, or unassessed."""

    BINDING = "BINDING", "Assessed as binding."
    NOT_BINDING = "NOT_BINDING", "Assessed as not binding."
    MIXED = "MIXED", "Assessed as binding in part."
    UNASSESSED = "UNASSESSED", "Nobody has assessed it."


class AgreementStatus(Code):
    """The state of an instrument on a day: always computed from its acts and terms, never typed."""

    NONE = "NONE", "Before the first act of its life."
    UNKNOWN = "UNKNOWN", "More than one status is possible, since dates are imprecise or sources disagree."
    REPORTED = "REPORTED", "A source speaks of it, but no act that would tell its state is on record."
    PROPOSED = "PROPOSED", "Proposed by one side."
    UNDER_DISCUSSION = "UNDER_DISCUSSION", "Discussed, without negotiations having been opened."
    UNDER_NEGOTIATION = "UNDER_NEGOTIATION", "Negotiated, or its text adopted, but not initialled."
    ABANDONED = "ABANDONED", "Given up before it began."
    INITIALLED = "INITIALLED", "Its text initialled by the negotiators."
    PARTLY_SIGNED = "PARTLY_SIGNED", "Signed by some of the parties, or subject to their confirmation."
    SIGNED = "SIGNED", "Signed by all parties, not yet in force."
    PARTLY_CONSENTED = (
        "PARTLY_CONSENTED",
        "At least one party has consented, or has completed its internal procedures; not yet in force.",
    )
    PROVISIONALLY_APPLIED = "PROVISIONALLY_APPLIED", "Applied for the time being before it enters into force."
    IN_FORCE = "IN_FORCE", "Binds the parties."
    DENUNCIATION_PENDING = "DENUNCIATION_PENDING", "In force, but notice of its end has been given."
    SUSPENDED = "SUSPENDED", "In force, but its operation is suspended."
    TERMINATED = "TERMINATED", "Ended by the parties or by one of them."
    EXPIRED = "EXPIRED", "Ended with its term."
    REPLACED = "REPLACED", "Ended by a later instrument in its place."
    INVALIDATED = "INVALIDATED", "Void."
    OPERATIVE = "OPERATIVE", "Not binding, and carried out."
    PAUSED = "PAUSED", "Not binding, and suspended."
    DISCONTINUED = "DISCONTINUED", "Not binding, and no longer carried out."


class LegalActKind(Code):
    """Something done to an instrument, in the terms of the Vienna Convention on the Law of Treaties 1969."""

    PROPOSED = "PROPOSED", "The instrument was proposed."
    DISCUSSIONS_HELD = "DISCUSSIONS_HELD", "Discussions on it were held."
    NEGOTIATIONS_OPENED = "NEGOTIATIONS_OPENED", "Negotiations were opened."
    NEGOTIATIONS_CONCLUDED = "NEGOTIATIONS_CONCLUDED", "Negotiations were concluded."
    NEGOTIATIONS_ABANDONED = "NEGOTIATIONS_ABANDONED", "Negotiations were given up."
    FULL_POWERS = "FULL_POWERS", "Full powers to negotiate or sign were given (VCLT art. 7)."
    INITIALLED = "INITIALLED", "The text was initialled (VCLT art. 10)."
    ADOPTED = "ADOPTED", "The text was adopted (VCLT art. 9)."
    SIGNATURE = "SIGNATURE", "Signature (VCLT art. 12)."
    SIGNATURE_AD_REFERENDUM = "SIGNATURE_AD_REFERENDUM", "Signature that awaits confirmation (VCLT art. 12 (2) b)."
    EXCHANGE_OF_NOTES = "EXCHANGE_OF_NOTES", "Notes that make up the instrument were exchanged (VCLT art. 13)."
    RATIFICATION = "RATIFICATION", "Ratification (VCLT art. 14)."
    ACCEPTANCE = "ACCEPTANCE", "Acceptance (VCLT art. 14)."
    APPROVAL = "APPROVAL", "Approval, as consent on the international plane (VCLT art. 14)."
    ACCESSION = "ACCESSION", "Accession (VCLT art. 15)."
    INTERNAL_PROCEDURES_COMPLETED = (
        "INTERNAL_PROCEDURES_COMPLETED",
        "A party completed its internal procedures; not yet consent.",
    )
    NOTE_RECEIVED = (
        "NOTE_RECEIVED",
        "A party's note that its procedures are completed was received; the party is the one whose note it is.",
    )
    INSTRUMENTS_EXCHANGED = (
        "INSTRUMENTS_EXCHANGED",
        "Instruments of ratification or the like were exchanged (VCLT art. 16).",
    )
    NON_PARTY_INTENT = "NON_PARTY_INTENT", "A party made clear that it will not become bound (VCLT art. 18, 25 (2))."
    PROVISIONAL_APPLICATION_START = "PROVISIONAL_APPLICATION_START", "Provisional application began (VCLT art. 25)."
    PROVISIONAL_APPLICATION_END = "PROVISIONAL_APPLICATION_END", "Provisional application ended (VCLT art. 25 (2))."
    ENTRY_INTO_FORCE = "ENTRY_INTO_FORCE", "Entry into force (VCLT art. 24)."
    REGISTERED = "REGISTERED", "Registered with a depositary or the United Nations (VCLT art. 80)."
    PUBLISHED = "PUBLISHED", "The text was published."
    AMENDED = "AMENDED", "Amended (VCLT art. 39)."
    EXTENDED = "EXTENDED", "Prolonged by the parties."
    RENEWED_EXPRESSLY = "RENEWED_EXPRESSLY", "Renewed by the parties for a further term."
    SUSPENDED = "SUSPENDED", "Operation suspended (VCLT art. 57, 58, 60, 72)."
    RESUMED = "RESUMED", "Operation resumed."
    RESERVATION = "RESERVATION", "Reservation (VCLT art. 19)."
    DECLARATION = "DECLARATION", "Interpretative or other declaration."
    JOINT_COMMITTEE_MET = "JOINT_COMMITTEE_MET", "A committee under the instrument met."
    NOTICE_GIVEN = "NOTICE_GIVEN", "Notice of its end was given (VCLT art. 65, 67)."
    NOTICE_RECEIVED = "NOTICE_RECEIVED", "Notice of its end was received (VCLT art. 78)."
    NOTICE_REVOKED = "NOTICE_REVOKED", "A notice was taken back before it took effect (VCLT art. 68)."
    DENOUNCED = "DENOUNCED", "Denounced by a party (VCLT art. 56); `effective` is the day it bites."
    TERMINATED_BY_CONSENT = "TERMINATED_BY_CONSENT", "Ended by consent of all parties (VCLT art. 54 b)."
    EXPIRED = "EXPIRED", "Ended with its term (VCLT art. 54 a)."
    REPLACED = "REPLACED", "Ended by a later instrument (VCLT art. 59); assessed by a person."
    TERMINATED_FOR_BREACH = "TERMINATED_FOR_BREACH", "Ended for a material breach (VCLT art. 60)."
    INVALIDATED = "INVALIDATED", "Found to be void (VCLT art. 46-53, 69)."
    SUCCESSION = "SUCCESSION", "A successor state made itself a party."


class ForceRule(Code):
    """How the text says it enters into force."""

    NOT_KNOWN = "NOT_KNOWN", "Nobody has read it in the text."
    ON_SIGNATURE = "ON_SIGNATURE", "When all have signed."
    ON_LAST_NOTIFICATION = "ON_LAST_NOTIFICATION", "When the last note that procedures are completed is received."
    ON_EXCHANGE_OF_INSTRUMENTS = "ON_EXCHANGE_OF_INSTRUMENTS", "When instruments of ratification are exchanged."
    ON_LAST_CONSENT = "ON_LAST_CONSENT", "When the last party has consented."
    ON_FIXED_DATE = "ON_FIXED_DATE", "On a day that the text names, recorded as an act of entry into force."


class Renewal(Code):
    """What happens when the first term ends."""

    NONE = "NONE", "Nothing: it ends, unless the parties prolong it."
    TACIT = "TACIT", "It is renewed unless notice is given in time."
    EXPRESS = "EXPRESS", "It ends unless the parties renew it expressly."
    UNTIL_NOTICE = "UNTIL_NOTICE", "It runs on without end until notice is given."
