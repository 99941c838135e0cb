"""Programmes that help those who leave and those who return."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlmodel import Session

from registry import countries, inputs
from registry.access import PUBLIC
from registry.codes import Code
from registry.errors import BadInput
from registry.history import Changes, Exact, Record, column
from registry.search import Findable, SearchKind, enter, some, spoken
from registry.sources import Cited, check_words, cite


class ProgrammeKind(Code):
    """What kind of help a programme gives."""

    MICROLOAN = "MICROLOAN", "Small loans."
    COST_REIMBURSEMENT = "COST_REIMBURSEMENT", "Costs paid back."
    RETURN_SUBSIDY = "RETURN_SUBSIDY", "Payments to those who return."
    PRE_DEPARTURE_TRAINING = "PRE_DEPARTURE_TRAINING", "Training before leaving."
    CERTIFICATION = "CERTIFICATION", "Certification of skills."
    LEGAL_AID = "LEGAL_AID", "Legal, social or advisory help."
    REINTEGRATION = "REINTEGRATION", "Help in settling again at home."
    OTHER = "OTHER", "Something else."


class Programme(Record, table=True):
    """A programme of help."""

    reference: str = column("Stable, readable, unique name.", PUBLIC, unique=True)
    name: str = column("Name, or the words a source uses for it.", PUBLIC)
    kind: ProgrammeKind = column("What kind of help it gives.", PUBLIC, kind=ProgrammeKind, index=True)
    provider_id: int | None = column(
        "The institution that gives the help.", PUBLIC, references="institution.id", default=None, index=True
    )
    country_code: str | None = column(
        "The country whose programme it is.", PUBLIC, references="country.code", default=None, index=True
    )
    amount: Decimal | None = column("Amount of the help, in `currency`.", PUBLIC, kind=Exact, default=None)
    currency: str | None = column("ISO 4217 code of the amount.", PUBLIC, default=None)
    rate: float | None = column("Share of a cost that is paid, from 0 to 1.", PUBLIC, default=None)
    description: str = column("What it is and for whom.", PUBLIC)
    comparator: bool = column(
        "True for another country's programme kept for comparison; left out of lists unless asked for.",
        PUBLIC,
        default=False,
    )
    version: int = column("Counts the changes to this record.", PUBLIC, default=1)

    @classmethod
    def follow(cls, session: Session, keys: Sequence[str]) -> None:
        """Lets programmes be found by their names, kind, description and country."""
        enter(session, SearchKind.PROGRAMME, keys, _findable(session, keys))


def _findable(session: Session, ids: Sequence[str]) -> Iterator[Findable]:
    places = countries.called(session)
    for one in some(session, Programme, ids):
        others = [one.description, *spoken([one.kind]), *places.of(one.country_code)]
        yield Findable(inputs.key(one), [one.name, one.reference], others, one.comparator)


_ACTIVE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

#: Active codes of ISO 4217 that name money of a country or a union of countries.
CURRENCIES = frozenset(_ACTIVE.split())


def register(
    changes: Changes,
    *,
    reference: str,
    name: str,
    kind: ProgrammeKind,
    description: str,
    citations: Sequence[Cited],
    provider: str | None = None,
    country: str | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
    rate: float | None = None,
    comparator: bool = False,
) -> Programme:
    """Enters a programme of help; `provider` is an institution's reference, `rate` a share from 0 to 1.

    Refuses with `Conflict`, `NotFound`, `BadInput` (also where amount and currency do not come together) or
    `Unsourced`.
    """
    with inputs.checked():
        _check_money(amount, currency, rate)
        programme = Programme(
            reference=inputs.new_reference(changes, "programme", reference),
            name=inputs.words(name, "name"),
            kind=kind,
            provider_id=inputs.id_or_none(changes, "institution", provider, "provider"),
            country_code=inputs.code_or_none(changes, "country", country, "country"),
            amount=amount,
            currency=currency,
            rate=rate,
            description=inputs.words(description, "description"),
            comparator=comparator,
        )
        words = check_words(changes, citations)
    changes.add(programme)
    cite(changes, programme, words)
    return programme


def _check_money(amount: Decimal | None, currency: str | None, rate: float | None) -> None:
    if currency is not None and currency not in CURRENCIES:
        message = f"“{inputs.shown(currency)}” is no currency of ISO 4217."
        inputs.refuse(BadInput(message, path=("currency",), hint="Give a code such as UZS."))
    if (amount is None) is not (currency is None):
        message = "An amount and its currency come together."
        inputs.refuse(BadInput(message, path=("currency",), hint="Give both, or neither."))
    if amount is not None and not (amount.is_finite() and amount >= 0):
        inputs.refuse(BadInput(f"{amount} cannot be an amount.", path=("amount",), hint="Give a number from 0."))
    if rate is not None and not 0 <= rate <= 1:
        inputs.refuse(BadInput(f"{rate} cannot be a share.", path=("rate",), hint="Give a number from 0 to 1."))
