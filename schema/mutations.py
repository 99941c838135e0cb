"""The one wrapper round every write: who may, the one change that it is, and what is told of it.

An input with problems is answered in the payload, all of them at once, and nothing is written. Whoever may not write is
refused as a whole, as a GraphQL error.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import partial
from typing import Any, TypeVar

import strawberry
from graphql import Undefined, value_from_ast_untyped
from sqlmodel import SQLModel
from strawberry import UNSET, Private
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from registry.errors import Forbidden, Refused, RegistryError, TurnedAway, Unavailable
from registry.history import Changes, changeset
from registry.inputs import LONGEST_LIST, check_text, checked, why
from registry.lint import Notice, of_citations
from schema.context import Context, Moment
from schema.execution.identity import decode_id
from schema.execution.payload import shown

T = TypeVar("T")


@strawberry.type(description="Something about an input that is refused, or that looks odd.")
class UserError:
    code: str = strawberry.field(description="Short stable name of what is wrong, for machines.")
    path: list[str] = strawberry.field(
        description="The way to the culprit within `input`, places in lists counted from 0; empty for the whole input."
    )
    message: str = strawberry.field(description="A sentence that says what is wrong.")
    hint: str | None = strawberry.field(description="What to do about it; null where there is nothing to say.")


def told(error: RegistryError) -> list[UserError]:
    """What went wrong, each problem by itself; as many as any list is long."""
    problems = error.problems if isinstance(error, Refused) else (error,)
    return [
        UserError(code=one.code, path=list(one.path), message=one.message, hint=one.hint)
        for one in problems[:LONGEST_LIST]
    ]


# ── Inputs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

#: What the inputs inside other inputs become for the registry; and those of them that may be stated in part.
_BECOME: dict[type, Callable[..., Any]] = {}
_IN_PART: set[type] = set()

#: The reason that every input gives.
REASON: Any = strawberry.field(description="Why this is entered; the log of changes keeps it.")
VERSION: Any = strawberry.field(
    description="The record's `version` that the change was decided on; refused where others have changed it since."
)


def meant(description: str, default: Any = MISSING) -> Any:
    """A field of an input, with its meaning where no column tells it."""
    if isinstance(default, list):
        return strawberry.field(description=description, default_factory=lambda: list(default))
    return strawberry.field(description=description, default=default)


def asked(
    *tables: type[SQLModel], becomes: Callable[..., Any] | None = None, in_part: bool = False
) -> Callable[[type[T]], type[T]]:
    """Makes a class a GraphQL input, whose fields are named as the parameters of what takes it.

    A field that does not say what it means has the meaning of the column of that name, in the first table that has one.
    `becomes` makes of an input inside another what the registry takes for it. With `in_part` it is also told, as
    `said`, which fields the client has given: a default of the contract does not show that a field was left out.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name in cls.__annotations__:
            value = cls.__dict__.get(name, MISSING)
            if not isinstance(value, StrawberryField):
                setattr(cls, name, meant(_meaning(name, tables), value))
        served = strawberry.input(cls, description=(cls.__doc__ or "").strip())
        if becomes is not None:
            _BECOME[served] = becomes
        if in_part:
            _IN_PART.add(served)
        return served

    return decorate


def _meaning(name: str, tables: Sequence[Any]) -> str:
    columns = [table.__table__.c for table in tables]
    found = next(column[key] for key in (name, f"{name}_code", f"{name}_id") for column in columns if key in column)
    return str(found.comment)


def as_sent(info: strawberry.Info[Any, Any], argument: str) -> Any:
    """An argument as the client has sent it, without the defaults that the contract has for what was left out."""
    node = next(each.value for each in info._raw_info.field_nodes[0].arguments or () if each.name.value == argument)
    return value_from_ast_untyped(node, {**info.variable_values, **info.context.given})


def arguments_of(given: Any, sent: Any, *path: str) -> dict[str, Any]:
    """What an input says, by the names of the registry; what it leaves out is left out, and so is the reason.

    `sent` is the input as the client has sent it.
    """
    said = {one.name: getattr(given, one.name) for one in fields(given)}
    return {
        name: _plain(value, _within(sent, name), *path, to_camel_case(name))
        for name, value in said.items()
        if value is not UNSET and name != "reason"
    }


def _within(sent: Any, name: str) -> Any:
    return sent.get(to_camel_case(name), Undefined) if isinstance(sent, Mapping) else Undefined


def _plain(value: Any, sent: Any, *path: str) -> Any:
    if isinstance(value, list):  # what stands in a list replaces what was there, and is told whole
        return [_plain(item, Undefined, *path, str(place)) for place, item in enumerate(value)]
    if isinstance(value, str):
        check_text(value, *path)
    become = _BECOME.get(type(value))
    if become is None:
        return value
    arguments = arguments_of(value, sent, *path)
    if type(value) in _IN_PART:
        arguments["said"] = frozenset(name for name in arguments if _within(sent, name) is not Undefined)
    return become(**arguments)


# ── Payloads ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Outcome:
    """What a write has done: by the name of each field of the payload the key of its record, or its value."""

    made: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[UserError] = ()


def payload(cls: type[T]) -> type[T]:
    """Makes a class the GraphQL type of a payload, with the meaning that its docstring gives."""
    return strawberry.type(cls, description=(cls.__doc__ or "").strip())


@strawberry.type
class Payload:
    """What every payload is made of."""

    outcome: Private[Outcome]
    user_errors: list[UserError] = strawberry.field(
        description="Why the input was refused, all problems at once; empty where it was accepted."
    )

    warnings: list[UserError] = strawberry.field(
        resolver=lambda root: list(root.outcome.warnings),
        graphql_type=list[UserError],
        description="What was accepted although it looks odd: worth a second look.",
    )


class _Made(StrawberryField):
    """A field of a payload that takes its value from the outcome, by its own name."""

    table: Any = None
    otherwise: Any = None

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Payload, info: Any, args: list[Any], kwargs: Any) -> Any:
        made = source.outcome.made.get(self.python_name, self.otherwise)
        return made if self.table is None or made is None else shown(info, self.table, made)

    def __copy__(self) -> "_Made":
        copied: _Made = super().__copy__()
        copied.table, copied.otherwise = self.table, self.otherwise
        return copied


def record(table: Any, description: str) -> Any:
    """A field of a payload that shows a record as the change has left it, to whoever made it."""
    return _made(description, table)


def value(description: str, otherwise: Any = None) -> Any:
    """A field of a payload that is a value of the outcome, or `otherwise` where nothing was written."""
    return _made(description, None, otherwise)


def _made(description: str, table: Any, otherwise: Any = None) -> Any:
    made = _Made(description=description)
    made.table, made.otherwise, made.init = table, otherwise, False
    return made


# ── Writes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Write:
    """A write: what of the registry takes the input, and what the payload's fields take of the result.

    `made` names for each field an attribute of the result, or has what makes it of the result.
    """

    work: Callable[..., Any]
    made: Mapping[str, str | Callable[[Any], Any]]
    lint: Callable[[Changes, Any, Mapping[str, Any]], Iterable[Notice]]

    def run(self, context: Context, field: str, given: Any, sent: Any) -> Outcome:
        """Writes, in one change, and says what was done. Raises what is refused, and then nothing is written.

        What this `field` of the answer has done already, where the request comes again, is not done again.
        """
        with checked():
            arguments = arguments_of(given, sent)
            check_text(given.reason, "reason")
        with changeset(context.engine, given.reason.strip(), context.actor) as changes:
            again = context.repeatable
            if again is not None and (done := again.done(changes, field)) is not None:
                return Outcome(done["made"], [UserError(**warning) for warning in done["warnings"]])
            result = self._done(changes, given.reason, arguments)
            made = {name: getattr(result, of) if isinstance(of, str) else of(result) for name, of in self.made.items()}
            odd = [*self.lint(changes, result, arguments)]
            odd += of_citations(changes, arguments.get("citations"), context.settings.documents_dir)
            warnings = [{**vars(notice), "path": list(notice.path)} for notice in odd]
            if again is not None:
                again.keep_done(changes, field, {"made": made, "warnings": warnings})
        return Outcome(made, [UserError(**warning) for warning in warnings])

    def _done(self, changes: Changes, reason: str, arguments: dict[str, Any]) -> Any:
        problems: list[RegistryError] = []
        result = None
        for step in (lambda: why(reason), lambda: self.work(changes, **arguments)):
            try:
                result = step()
            except RegistryError as refused:
                problems.extend(refused.problems if isinstance(refused, Refused) else [refused])
        if problems:
            raise Refused(problems)
        return result


def _nothing_odd(_changes: Changes, _result: Any, _said: Mapping[str, Any]) -> Iterable[Notice]:
    return ()


def write(
    payload: type[Payload],
    given: type,
    work: Callable[..., Any],
    description: str,
    lint: Callable[[Changes, Any, Mapping[str, Any]], Iterable[Notice]] = _nothing_odd,
    **made: Any,
) -> Any:
    """The field of `Mutation` that hands an input to `work` and answers with a payload.

    `lint` tells what looks odd about the result, `made` is as in `Write`.
    """
    done = Write(work, made, lint)

    async def resolve(self: None, info: strawberry.Info[Any, Any], input: Any) -> Payload:
        context: Context = info.context
        if not context.actor.writes:
            hint = "Ask with the key of an editor or an administrator."
            raise Forbidden("Only editors and administrators may write.", hint=hint)
        context.wrote = True
        try:
            writing = partial(done.run, context, str(info.path.key), input, as_sent(info, "input"))
            assert context.direct is not None
            outcome = await context.direct.lanes.writing.run(writing, whole=True)
        except (TurnedAway, Unavailable):
            raise
        except RegistryError as refused:
            return payload(outcome=Outcome(), user_errors=told(refused))
        return payload(outcome=outcome, user_errors=[])

    made_field = strawberry.field(resolver=resolve, graphql_type=payload, description=description)
    made_field.arguments = [
        StrawberryArgument(
            python_name="input",
            graphql_name=None,
            type_annotation=StrawberryAnnotation(given),
            description="What is to be written, and why.",
        )
    ]
    return made_field


def named(given: str) -> tuple[Any, Any]:
    """The table and the key that the id of an input names; raises `BadInput`."""
    table, key, _moment = decode_id(given, Moment(date.min), ("id",))
    return table, key
