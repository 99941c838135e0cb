"""Spares Strawberry from reading a document again that has been read and found valid."""

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension

from schema.context import Context
from schema.execution.prepared import Cold, Document


class Known(SchemaExtension):
    """Gives the document of a request as it was read before, with its errors: it has none."""

    #: It has nothing to say to an answer, which a plan may therefore give by itself.
    only_errors = True

    def on_parse(self) -> Iterator[None]:
        if (found := self._found()) is not None:
            self.execution_context.graphql_document = found.node
            self.execution_context.context.document = found
        yield

    def on_validate(self) -> Iterator[None]:
        if self._found() is not None:
            self.execution_context.pre_execution_errors = []
        yield

    def _found(self) -> Document | None:
        context = self.execution_context
        direct = context.context.direct if isinstance(context.context, Context) else None
        if direct is None or context.query is None:
            return None
        try:
            found: Document = direct.plans.document(context.query, kept=True)
        except Cold:
            return None
        return None if found.wrong else found
