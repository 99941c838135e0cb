"""What is about labour and what is not: the registry has instruments on other subjects too, which pages tell apart."""

from typing import Any

from registry.agreements import ABOUT_LABOUR
from registry.cooperation import CooperationStage, statuses_leading_to

Data = dict[str, Any]

#: The subjects of which an instrument about labour has one.
LABOUR = [subject.value for subject in ABOUT_LABOUR]

#: The stages that instruments alone lead to, by the name under which `Concern` counts those about labour.
_BY_INSTRUMENTS = {
    CooperationStage.AGREEMENT_IN_FORCE.value: "inForceOnLabour",
    CooperationStage.AGREEMENT_SIGNED.value: "signedOnLabour",
}


def asked() -> Data:
    """The variables of a document that spreads the fragment `Concern`."""
    return {
        "labour": LABOUR,
        "leadingToForce": statuses_leading_to(CooperationStage.AGREEMENT_IN_FORCE),
        "leadingToSignature": statuses_leading_to(CooperationStage.AGREEMENT_SIGNED),
    }


def is_on_other_subjects(country: Data) -> bool:
    """Whether the stage of cooperation with a country rests on nothing but instruments about other subjects.

    An instrument that may have led there counts, so that where this is said no instrument about labour has. What was
    talked of at a meeting has no code, nor has what a company does: where there is either, this is not said.
    """
    if country["stage"] in _BY_INSTRUMENTS:
        return not country[_BY_INSTRUMENTS[country["stage"]]]["totalCount"]
    other_ways = ("onLabour", "engaged", "companiesThere")
    return bool(country["onAnything"]["totalCount"]) and not any(country[way]["totalCount"] for way in other_ways)
