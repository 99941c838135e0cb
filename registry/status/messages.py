"""What the law says, a function for each sentence; names stand in the nominative, for any language to place them."""

from collections.abc import Iterable
from datetime import date

from registry.status.kinds import AgreementStatus, ForceRule, LegalActKind
from registry.status.values import Message

Value = list[str]


def day_of(day: date) -> Value:
    """A day as a value of a message."""
    return ["day", day.isoformat()]


def act_on(kind: LegalActKind, party: str | None, when: Value) -> Message:
    """An act with its day, and its party where it is not the act of all."""
    if party is None:
        return Message("{act}: {day}", {"act": ["act", kind.value], "day": when})
    return Message("{act} ({country}): {day}", {"act": ["act", kind.value], "country": ["country", party], "day": when})


def no_act() -> Message:
    """No act at all."""
    return Message("A source speaks of the instrument, but no act is on record")


def before_first_act() -> Message:
    """No act yet."""
    return Message("No act of its life has come by this day")


def void() -> Message:
    """Invalidity."""
    return Message("The instrument is void")


def ended_by_consent() -> Message:
    """Ended by all."""
    return Message("The parties ended it by consent")


def ended_for_breach() -> Message:
    """Ended for breach."""
    return Message("It was ended for a material breach")


def replaced() -> Message:
    """Replaced."""
    return Message("A later instrument took its place, as a person has assessed")


def expired() -> Message:
    """An end with its term, recorded as such."""
    return Message("It ended with its term; this end is itself on record")


def suspended() -> Message:
    """Suspended."""
    return Message("It is suspended, and no later act resumes it; its terms run on meanwhile")


def pending() -> Message:
    """Notice of its end."""
    return Message("It goes on until the notice takes effect")


def bites_as_stated() -> Message:
    """The notice states its day."""
    return Message("The notice itself names the day on which it takes effect")


def bites_after_period(months: int) -> Message:
    """The text's notice period."""
    return Message("Under its text a notice takes effect after {months}", {"months": ["months", months]})


def bites_by_default(months: int, has_duration: bool) -> Message:
    """No notice period, and no duration that would shut a notice out."""
    values = {"months": ["months", months]}
    if has_duration:
        return Message("As its text sets no period of notice, a notice takes effect after {months}", values)
    return Message(
        "As its text sets neither a duration nor a period of notice, a notice takes effect after {months}", values
    )


def bites_at_once() -> Message:
    """Not binding and no notice period."""
    return Message("As it does not bind and sets no period of notice, a notice takes effect on its day")


def bites_after_first_term() -> Message:
    """Not before the first term ends."""
    return Message("A notice does not take effect before the first term ends")


def notice_in_time(last_day: date, notice_by: date) -> Message:
    """The notice stops a tacit renewal."""
    values = {"day": day_of(notice_by), "end": day_of(last_day)}
    return Message(
        "Notice was received in time, the last day for it being {day}: the term that ends on {end} is the last", values
    )


def notice_stops_renewal() -> Message:
    """The notice stops a tacit renewal, on days not exactly known."""
    return Message("Notice stops the next tacit renewal for which it is in time: the term then running is the last")


def term_ends_first() -> Message:
    """The notice comes too late to end it."""
    return Message("Its term ends before the notice takes effect")


def notice_taken_back() -> Message:
    """Article 68."""
    return Message("This notice was taken back before it took effect")


def notice_without_effect() -> Message:
    """Neither the text nor article 56 lets a notice end it."""
    return Message("This notice has no effect, as the text sets a duration and provides for no notice")


def notice_of_one() -> Message:
    """The notice of one of more than two parties."""
    return Message("This notice is that of one party and leaves the instrument as it is among the others")


def notice_not_received() -> Message:
    """Article 78."""
    return Message("This notice counts only from the day on which it is received")


def notice_before_terms() -> Message:
    """Notice that could only stop a renewal, before any term runs."""
    return Message("This notice can only prevent a tacit renewal, and no term is known to run yet")


def takes_effect(day: date) -> Message:
    """The day a notice bites."""
    return Message("First day without the instrument: {day}", {"day": day_of(day)})


def in_force_since(day: date, is_binding: bool) -> Message:
    """The force day."""
    if is_binding:
        return Message("In force since: {day}", {"day": day_of(day)})
    return Message("Operative since: {day}", {"day": day_of(day)})


def force_by_text(rule: ForceRule, is_binding: bool) -> Message:
    """The text's clause on entry into force."""
    if is_binding:
        return Message("Entry into force under its text: {rule}", {"rule": ["rule", rule.value]})
    return Message("It becomes operative: {rule}", {"rule": ["rule", rule.value]})


def force_after(duration: str) -> Message:
    """The text's delay."""
    return Message("To this its text adds {duration}", {"duration": ["duration", duration]})


def force_on_first_of_month() -> Message:
    """The first day of the next month."""
    return Message("Under its text force begins on the first day of the month that follows")


def force_presumed() -> Message:
    """Article 24 (2)."""
    return Message(
        "How it enters into force is not known; it is presumed that it did so when consent of all was established"
    )


def force_ahead(day: date) -> Message:
    """All is done but the day has not come."""
    return Message("The day of entry into force is still ahead: {day}", {"day": day_of(day)})


def entry_ahead(when: Value) -> Message:
    """An act of entry into force on record, whose day has not come."""
    return Message("Its entry into force is on record, and its day is still ahead: {day}", {"day": when})


def first_term(months: int, last_day: date) -> Message:
    """The first term, and its end."""
    values = {"months": ["months", months], "day": day_of(last_day)}
    return Message("First term: {months}, until {day}", values)


def first_term_length(months: int) -> Message:
    """The first term, where its end is not exactly known."""
    return Message("First term: {months}", {"months": ["months", months]})


def renewed_tacitly(months: int, notice_by: date, none_received: bool) -> Message:
    """The tacit chain goes on: no notice is on record, or none that was not taken back or without effect."""
    values = {"months": ["months", months], "day": day_of(notice_by)}
    if none_received:
        return Message(
            "As no notice was received by {day}, it was renewed tacitly after the first term, each time for {months}",
            values,
        )
    return Message(
        "As no notice that stands was received by {day}, it was renewed tacitly after the first term, "
        "each time for {months}",
        values,
    )


def renewals_made(number: int, months: int) -> Message:
    """How often it was renewed tacitly."""
    values = {"number": ["number", number], "months": ["months", months]}
    return Message("Tacit renewals: {number}, each for {months}", values)


def prolonged(number: int, last_day: date) -> Message:
    """Prolonged by the parties."""
    values = {"number": ["number", number], "day": day_of(last_day)}
    return Message("Prolongations by the parties: {number}, at last until {day}", values)


def last_term_ended(last_day: date) -> Message:
    """The end of term."""
    return Message("Last day of the last term: {day}", {"day": day_of(last_day)})


def term_over() -> Message:
    """The end of term, on a day not exactly known."""
    return Message("Its last term has ended")


def no_renewal_on_record() -> Message:
    """Nothing prolonged it."""
    return Message("No prolongation in time is on record")


def runs_until_notice() -> Message:
    """After the first term, without end."""
    return Message("After the first term it runs on until notice is given")


def will_not_become_party() -> Message:
    """Articles 18 and 25 (2)."""
    return Message("A party made clear that it will not become bound, and has not gone back on it since")


def applied_provisionally() -> Message:
    """Article 25."""
    return Message("Provisional application has begun, and no end of it is on record")


def consent_of_some() -> Message:
    """Consent."""
    return Message("Not all that entry into force takes is done")


def consent_presumed_lacking() -> Message:
    """Consent, where the clause on entry into force is unread."""
    return Message(
        "How it enters into force is not known; it is presumed to take consent of all parties, which is not on record"
    )


def only_day_lacks() -> Message:
    """All is done but the day has not come."""
    return Message("All that it takes is done, but its day has not come")


def signature_presumed_not_enough() -> Message:
    """Signature of all, where the clause on entry into force is unread."""
    return Message(
        "All parties have signed; how it enters into force is not known, "
        "and it is presumed that signature alone does not bring it into force"
    )


def signed_by_all() -> Message:
    """Signature of all, which the text does not find enough."""
    return Message("All parties have signed; signature alone does not bring it into force here")


def signed_by_some() -> Message:
    """Signature of some, or ad referendum."""
    return Message("Final signature of all parties is not on record")


def negotiations_given_up() -> Message:
    """Negotiations abandoned."""
    return Message("Negotiations were given up, and nothing has come of them since")


def initialled() -> Message:
    """Initialled."""
    return Message("The text is initialled, but not signed")


def negotiated() -> Message:
    """Negotiated."""
    return Message("It is being negotiated, and nothing is initialled or signed")


def discussed() -> Message:
    """Discussed."""
    return Message("It is under discussion, and negotiations are not on record")


def proposed() -> Message:
    """Proposed."""
    return Message("It has been proposed, and nothing further is on record")


def only_other_acts() -> Message:
    """Nothing that tells its state."""
    return Message("None of the acts on record tells its state")


def possible(statuses: Iterable[AgreementStatus]) -> Message:
    """More than one status."""
    values = {"statuses": ["statuses", [status.value for status in statuses]]}
    return Message("Possible on this day: {statuses}", values)


def superset_told() -> Message:
    """Too many choices."""
    return Message("With so many inexact days not every combination was tried: some of these statuses may be ruled out")


def sources_disagree(kind: LegalActKind) -> Message:
    """Sources that name different days."""
    return Message("Sources give days that exclude each other: {act}", {"act": ["act", kind.value]})


def exact_day_lacks(kind: LegalActKind, party: str | None, when: Value) -> Message:
    """An act known inexactly."""
    if party is None:
        return Message("The exact day is not known: {act}, {day}", {"act": ["act", kind.value], "day": when})
    values = {"act": ["act", kind.value], "country": ["country", party], "day": when}
    return Message("The exact day is not known: {act} ({country}), {day}", values)


def named_day_lacks(kind: LegalActKind, when: Value) -> Message:
    """An act that names a day inexactly."""
    values = {"act": ["act", kind.value], "day": when}
    return Message("The day that the act names is not known exactly: {act}, {day}", values)


def no_entry_into_force() -> Message:
    """No act of entry into force."""
    return Message("No act of entry into force is on record")


def force_rule_lacks() -> Message:
    """The clause is unread."""
    return Message("How the text says it enters into force is not known")


def consent_lacks(country: str) -> Message:
    """A party's consent."""
    return Message("Consent is not on record: {country}", {"country": ["country", country]})


def signature_lacks(country: str) -> Message:
    """A party's signature."""
    return Message("Signature is not on record: {country}", {"country": ["country", country]})


def parties_lack() -> Message:
    """Who all are."""
    return Message("Who all the parties are is not on record")


def any_act_lacks() -> Message:
    """An act that tells its state."""
    return Message("Acts that tell its state, such as signature or entry into force, are not on record")


def notice_due(notice_by: date, renewed_on: date) -> Message:
    """The last day for notice."""
    values = {"day": day_of(notice_by), "renewed": day_of(renewed_on)}
    return Message("Notice received by {day} still prevents the tacit renewal of {renewed}", values)


def term_due(last_day: date) -> Message:
    """The end of a term."""
    return Message("Last day of the term: {day}", {"day": day_of(last_day)})


def renewed_unless_notice(months: int, notice_by: date) -> Message:
    """What follows the term."""
    values = {"months": ["months", months], "day": day_of(notice_by)}
    return Message("It is renewed tacitly for {months} unless notice is received by {day}", values)


def ends_unless_prolonged() -> Message:
    """What follows the term."""
    return Message("It ends then, unless the parties prolong it")


def not_renewed() -> Message:
    """What follows the term."""
    return Message("It is not renewed, as notice was received in time")


def notice_given(kind: LegalActKind, when: Value) -> Message:
    """The notice that takes effect."""
    return Message("A notice is on record: {act}, {day}", {"act": ["act", kind.value], "day": when})
