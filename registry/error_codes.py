"""Every code that an error may carry: what it means to whoever gets it, and the status that tells it over HTTP.

A code never changes its meaning; clients decide by it what to do.
"""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What a code stands for. `status` is that of a response which tells this error and nothing else."""

    status: int
    sentence: str


CODES = {
    # What is asked
    "GRAPHQL_PARSE_FAILED": Meaning(400, "The document is not GraphQL."),
    "GRAPHQL_VALIDATION_FAILED": Meaning(400, "The document or its variables do not fit the schema."),
    "BAD_USER_INPUT": Meaning(400, "A value is not of the form that the registry takes."),
    "QUERY_TOO_LARGE": Meaning(400, "The query may lead to more than one answer should hold: ask for less at a time."),
    "NOT_FOUND": Meaning(404, "Something that is named is not on record, or there is nothing at this address."),
    "CONFLICT": Meaning(409, "The input contradicts what is on record, or others have changed it meanwhile."),
    "UNSOURCED": Meaning(400, "A fact came without a source, or its citation without words and without their sense."),
    # Who asks
    "UNAUTHENTICATED": Meaning(401, "The credential is not known, wrong, run out or revoked."),
    "FORBIDDEN": Meaning(403, "Whoever asks may not do this."),
    "ORIGIN_NOT_ALLOWED": Meaning(403, "Pages of this origin may not ask."),
    # How it is asked
    "BAD_REQUEST": Meaning(400, "The request cannot be understood, for example because its body is no JSON object."),
    "METHOD_NOT_ALLOWED": Meaning(405, "The address is not asked by this method; the header Allow names those it is."),
    "NOT_ACCEPTABLE": Meaning(406, "No answer has a form that the header Accept takes."),
    "REQUEST_TIMEOUT": Meaning(408, "The request did not come whole in time."),
    "PAYLOAD_TOO_LARGE": Meaning(413, "The body is larger than it may be."),
    "UNSUPPORTED_MEDIA_TYPE": Meaning(415, "The body is of a form that is not taken."),
    "HEADERS_TOO_LARGE": Meaning(431, "Address and headers are larger than they may be."),
    "NOT_IMPLEMENTED": Meaning(501, "This registry was installed without what this needs."),
    # Documents that are named
    "DOCUMENT_NOT_FOUND": Meaning(400, "No document is known by this id."),
    "DOCUMENT_NOT_TRUSTED": Meaning(403, "Only trusted documents are answered, and this is none."),
    "PERSISTED_QUERY_NOT_FOUND": Meaning(400, "No query is known by this hash: send its text beside it."),
    "PERSISTED_QUERY_NOT_SUPPORTED": Meaning(400, "No queries are kept by their hash here: send the text alone."),
    "PERSISTED_QUERY_MISMATCH": Meaning(400, "The hash is not that of the query beside it."),
    # How much is asked
    "RATE_LIMITED": Meaning(429, "The client has asked for more than its share: wait as long as Retry-After says."),
    "TOO_MANY_STREAMS": Meaning(429, "The client has as many streams and sockets open as it may."),
    "TOO_MANY_OPERATIONS": Meaning(429, "The socket has as many operations under way as it may."),
    "DEADLINE_EXCEEDED": Meaning(503, "The answer was not ready in time, and the work on it was ended."),
    "OVERLOADED": Meaning(503, "The registry has as much to do as it can: try again after Retry-After."),
    "TOO_BUSY": Meaning(503, "Too many earlier moments of knowledge are asked for at once: try again soon."),
    # What is the registry's own
    "UNAVAILABLE": Meaning(503, "Something outside the registry that the answer needs does not answer."),
    "DATABASE_UNAVAILABLE": Meaning(503, "The database does not answer."),
    "INTERNAL_SERVER_ERROR": Meaning(500, "The registry has failed; operators find it in the log by the logId."),
}


def status_of(code: str) -> int:
    """The status of a response that tells an error of this code; a code that is not known is the registry's fault."""
    meaning = CODES.get(code)
    return meaning.status if meaning else 500
