"""Enumerated codes that carry their meaning with them, so that it is said once."""

from enum import StrEnum


class Code(StrEnum):
    """A code whose value is its name and whose `description` says what it means, in words a diplomat could read."""

    description: str

    def __new__(cls, value: str, description: str) -> "Code":
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member


class Language(Code):
    """Languages that names and explanations are given in."""

    EN = "EN", "English."
    RU = "RU", "Russian."
    UZ = "UZ", "Uzbek in Latin script."
    UZ_CYRL = "UZ_CYRL", "Uzbek in Cyrillic script."

    @property
    def suffix(self) -> str:
        """The ending of the column that holds a text in this language, such as `uz_cyrl` in `name_uz_cyrl`."""
        return str(self.value).lower()


class DeadlineKind(Code):
    """What falls due."""

    NOTICE_BEFORE_RENEWAL = "NOTICE_BEFORE_RENEWAL", "Last day on which notice still prevents the next tacit renewal."
    TERM_END = "TERM_END", "Last day of a term of an agreement."
    DENUNCIATION_TAKES_EFFECT = "DENUNCIATION_TAKES_EFFECT", "First day without the agreement after a notice."
    QUOTA_PERIOD_END = "QUOTA_PERIOD_END", "Last day of a quota's period."
    LICENCE_END = "LICENCE_END", "Last day of a licence."


class CountedUnit(Code):
    """What is counted."""

    PERSONS = "PERSONS", "People, each counted once."
    ENTRIES = "ENTRIES", "Entries into the country."
    PERMITS = "PERMITS", "Work permits."
    CONSENTS = "CONSENTS", "Consents of an employment authority."
    VISAS = "VISAS", "Visas issued for work."
    JOBS = "JOBS", "Jobs offered."


class PlacementMeasure(Code):
    """What was counted."""

    REGISTERED = "REGISTERED", "People who registered for work abroad."
    IN_TRAINING = "IN_TRAINING", "People in training before they leave."
    SELECTED = "SELECTED", "People selected by an employer."
    CONTRACTED = "CONTRACTED", "People who signed a contract of employment."
    VISA_ISSUED = "VISA_ISSUED", "People to whom a visa was issued."
    DEPARTED = "DEPARTED", "People who left for work; what sources call sent."
    ARRIVED = "ARRIVED", "People who arrived in the country of destination."
    EMPLOYED = "EMPLOYED", "People who started a job."
    RETURNED = "RETURNED", "People who came back."


class ValueOperator(Code):
    """How a number is to be read."""

    EXACT = "EXACT", "Exactly so many."
    MORE_THAN = "MORE_THAN", "More than so many."
    LESS_THAN = "LESS_THAN", "Less than so many."
    AT_LEAST = "AT_LEAST", "At least so many."
    AT_MOST = "AT_MOST", "At most so many."
    ABOUT = "ABOUT", "About so many."

    @property
    def sign(self) -> str:
        """What stands before the number, such as `≥ `; nothing where it is exact."""
        return _SIGNS.get(self, "")


_SIGNS = {
    ValueOperator.MORE_THAN: "> ",
    ValueOperator.LESS_THAN: "< ",
    ValueOperator.AT_LEAST: "≥ ",
    ValueOperator.AT_MOST: "≤ ",
    ValueOperator.ABOUT: "≈ ",
}
