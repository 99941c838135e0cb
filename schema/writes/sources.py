"""Sources are added, and every fact names the ones it rests on."""

from strawberry import UNSET

from registry import sources
from registry.sources import Cited, Reliability, SourceKind
from schema.mutations import REASON, Payload, asked, meant, payload, record
from schema.references import SourceType
from schema.scalars import EDTF, LanguageTag

#: What the citations of a record are.
CITATIONS = "What the record rests on, as its sources put it."


@asked(sources.Citation, becomes=Cited)
class CitationInput:
    """Exact words in `quote`, or else their sense in `note`: one of the two must be given."""

    source: str = meant("Reference of the source.")
    quote: str | None = UNSET
    locator: str | None = UNSET
    note: str | None = UNSET


@asked(sources.Source)
class SourceAddInput:
    """A document that facts are taken from."""

    reference: str
    title: str
    kind: SourceKind
    reliability: Reliability
    language: LanguageTag
    publisher: str | None = UNSET
    published: EDTF | None = UNSET
    url: str | None = UNSET
    sha256: str | None = UNSET
    copy_of: str | None = meant("Reference of the source that this one merely copies.", UNSET)
    reason: str = REASON


@payload
class SourceAddPayload(Payload):
    """What became of a source that was to be added."""

    source: SourceType | None = record(sources.Source, "The source; null where it was refused.")
