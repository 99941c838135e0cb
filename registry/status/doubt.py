"""Why more than one status is possible: which acts would have to be known better."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from registry.status import messages
from registry.status.choices import Choice, Choices
from registry.status.kinds import AgreementStatus
from registry.status.moments import Variable
from registry.status.reasons import REGISTRY_RULE
from registry.status.values import Message, Reason

#: With more acts than this that may hold, not each of them is looked at.
_MANY = 60


def reason_in_doubt(
    choices: Choices, day: date, possible: Sequence[AgreementStatus], known: dict[object, Reason]
) -> Reason:
    """Why the status on `day` is not certain, or not certain to be; `known` are the reasons made for other days."""
    blamed = _to_blame(choices, day)
    key = tuple(possible), tuple(variable.index for variable in blamed), day in choices.capped
    if key not in known:
        known[key] = _reason(choices, blamed, possible, day in choices.capped)
    return known[key]


def _reason(
    choices: Choices, blamed: Sequence[Variable], possible: Sequence[AgreementStatus], is_superset: bool
) -> Reason:
    deeds = list(dict.fromkeys(variable.deed for variable in blamed))
    disputed = [deed for deed in deeds if len(deed.windows) > 1]
    explanation = [messages.possible(possible)]
    explanation.extend(messages.sources_disagree(deed.kind) for deed in disputed)
    if is_superset:
        explanation.append(messages.superset_told())
    return Reason(
        rule="SOURCES_DISAGREE" if disputed else "UNDECIDED_ACTS",
        authority=REGISTRY_RULE,
        explanation=tuple(explanation),
        acts=tuple(number for deed in deeds for number in deed.ids),
        missing=tuple(message for variable in blamed for message in _missing(choices, variable)),
    )


def _missing(choices: Choices, variable: Variable) -> Iterator[Message]:
    deed = variable.deed
    if variable not in choices.moments.days and deed.named:
        yield messages.named_day_lacks(deed.kind, ["edtf", deed.named])
        return
    for told in deed.told:
        yield messages.exact_day_lacks(deed.kind, deed.party, ["edtf", told])


def _to_blame(choices: Choices, day: date) -> list[Variable]:
    """The variables whose exact day alone would change the status in a world tried; else all that may hold.

    Of very many, only those that may still be ahead are looked at.
    """
    held = [v for v in choices.open if v.hull[0] <= day]
    if day in choices.capped:
        return held
    worlds = choices.possible_on(day)
    looked_at = held if len(held) <= _MANY else [v for v in held if day < v.hull[1]]
    return [v for v in looked_at if _tells(choices, day, v, worlds)] or held


def _tells(choices: Choices, day: date, variable: Variable, worlds: Mapping[AgreementStatus, Choice]) -> bool:
    """Whether another day of the variable, and nothing else, would change the status in one of these worlds."""
    ends = {end for window in variable.windows for end in window}
    ends.update(choice[variable.index] for choice in worlds.values())
    return any(
        choices.status(_changed(choice, variable, end), day) != status
        for status, choice in worlds.items()
        for end in ends
        if end != choice[variable.index]
    )


def _changed(choice: Choice, variable: Variable, day: date) -> Choice:
    return (*choice[: variable.index], day, *choice[variable.index + 1 :])
