"""Why more than one status is possible: which acts would have to be known better."""

from collections.abc import Iterator, Sequence
from datetime import date

from registry.status import messages
from registry.status.choices import Choice, Choices
from registry.status.kinds import AgreementStatus
from registry.status.moments import Variable
from registry.status.reasons import REGISTRY_RULE
from registry.status.values import Message, Reason


def reason_in_doubt(choices: Choices, day: date, possible: Sequence[AgreementStatus]) -> Reason:
    """Why the status on `day` is not certain, or not certain to be."""
    blamed = _to_blame(choices, day)
    deeds = list(dict.fromkeys(variable.deed for variable in blamed))
    disputed = [deed for deed in deeds if len(deed.windows) > 1]
    explanation = [messages.possible(possible)]
    explanation.extend(messages.sources_disagree(deed.kind) for deed in disputed)
    if day in choices.capped:
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
    """The variables whose exact day alone would change the status in a world tried; else all that may hold."""
    held = [v for v in choices.open if v.hull[0] <= day]
    if day in choices.capped:
        return held
    blamed = [v for v in held if any(_matters(choices, day, choice, v) for choice in choices.possible_on(day).values())]
    return blamed or held


def _matters(choices: Choices, day: date, choice: Choice, variable: Variable) -> bool:
    ends = {end for window in variable.windows for end in window}
    ends.update(other[variable.index] for other in choices.possible_on(day).values())
    return len({choices.status(_changed(choice, variable, end), day) for end in ends}) > 1


def _changed(choice: Choice, variable: Variable, day: date) -> Choice:
    return (*choice[: variable.index], day, *choice[variable.index + 1 :])
