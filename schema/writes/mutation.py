"""Where writing begins: every change that clients may make, each by itself and all of it or nothing."""

import strawberry

from registry import agreements, companies, engagements, figures, institutions, lint, placements, quotas, sources
from schema.mutations import write
from schema.writes.agreements import (
    AgreementPayload,
    AgreementRegisterInput,
    AgreementReviseInput,
    LegalActPayload,
    LegalActRecordInput,
    LegalActWithdrawInput,
    withdraw_act,
)
from schema.writes.companies import (
    CompanyPayload,
    CompanyRegisterInput,
    CompanyReviseInput,
    LicenceRecordInput,
    LicenceWithdrawInput,
    PartnershipRecordInput,
    PartnershipWithdrawInput,
)
from schema.writes.engagements import EngagementPayload, EngagementRecordInput
from schema.writes.figures import FigurePayload, FigureReportInput
from schema.writes.institutions import InstitutionPayload, InstitutionRegisterInput
from schema.writes.placements import PlacementsReportInput, PlacementsReportPayload
from schema.writes.quotas import QuotaAllotInput, QuotaPayload, QuotaReviseInput, revise_quota
from schema.writes.sources import SourceAddInput, SourceAddPayload
from schema.writes.withdrawal import RecordWithdrawInput, RecordWithdrawPayload, withdraw_record


@strawberry.type(
    description="""What editors and administrators may change. Several changes in one request are made one after the
other, each by itself: one that is refused leaves those before it as they are. A request that asks of their payloads
what cannot be answered, such as a page that is too large, is refused before the first."""
)
class Mutation:
    source_add: SourceAddPayload = write(
        SourceAddPayload,
        SourceAddInput,
        sources.add,
        "Adds a document that facts are taken from.",
        source="id",
    )
    agreement_register: AgreementPayload = write(
        AgreementPayload,
        AgreementRegisterInput,
        agreements.register,
        "Enters an instrument; its status follows from its acts.",
        lint.of_agreement,
        agreement="id",
    )
    agreement_revise: AgreementPayload = write(
        AgreementPayload,
        AgreementReviseInput,
        agreements.revise,
        "Changes what is stated of an instrument.",
        lint.of_agreement,
        agreement="id",
    )
    legal_act_record: LegalActPayload = write(
        LegalActPayload,
        LegalActRecordInput,
        agreements.record_act,
        "Records what was done: a signature, a ratification, a notice. The status follows by itself.",
        lint.of_act,
        act="id",
        agreement="agreement_id",
    )
    legal_act_withdraw: LegalActPayload = write(
        LegalActPayload,
        LegalActWithdrawInput,
        withdraw_act,
        "Takes a mistaken act out of the record; the log keeps it.",
        act="id",
        agreement="agreement_id",
    )
    company_register: CompanyPayload = write(
        CompanyPayload,
        CompanyRegisterInput,
        companies.register,
        "Enters a partner company.",
        company="id",
    )
    company_revise: CompanyPayload = write(
        CompanyPayload,
        CompanyReviseInput,
        companies.revise,
        "Changes what is stated of a company.",
        company="id",
    )
    partnership_record: CompanyPayload = write(
        CompanyPayload,
        PartnershipRecordInput,
        companies.record_partnership,
        "Records a stage that the partnership with a company has reached.",
        lint.of_partnership,
        company="company_id",
    )
    partnership_withdraw: CompanyPayload = write(
        CompanyPayload,
        PartnershipWithdrawInput,
        companies.withdraw_partnership,
        "Takes a mistaken stage of a partnership out of every answer; the log keeps it.",
        company="id",
    )
    licence_record: CompanyPayload = write(
        CompanyPayload,
        LicenceRecordInput,
        companies.record_licence,
        "Records a licence of a company, and its state.",
        lint.of_licence,
        company="company_id",
    )
    licence_withdraw: CompanyPayload = write(
        CompanyPayload,
        LicenceWithdrawInput,
        companies.withdraw_licence,
        "Takes a mistaken licence out of every answer; the log keeps it.",
        company="id",
    )
    institution_register: InstitutionPayload = write(
        InstitutionPayload,
        InstitutionRegisterInput,
        institutions.register,
        "Enters an institution.",
        institution="id",
    )
    quota_allot: QuotaPayload = write(
        QuotaPayload,
        QuotaAllotInput,
        quotas.allot,
        "Records places for a period and scope.",
        lint.of_quota,
        quota="id",
    )
    quota_revise: QuotaPayload = write(
        QuotaPayload,
        QuotaReviseInput,
        revise_quota,
        "Records a later decision on the places of a quota.",
        lint.of_quota,
        quota="id",
    )
    placements_report: PlacementsReportPayload = write(
        PlacementsReportPayload,
        PlacementsReportInput,
        placements.report,
        """Returns by month, quarter, half-year or year; replaces those of the same source, period and dimensions, and
takes back those that are `withdrawn`.""",
        lint.of_returns,
        accepted="accepted",
    )
    figure_report: FigurePayload = write(
        FigurePayload,
        FigureReportInput,
        figures.report,
        "Records a number as its source states it.",
        lint.of_figure,
        figure="id",
    )
    engagement_record: EngagementPayload = write(
        EngagementPayload,
        EngagementRecordInput,
        engagements.record,
        "Records a dealing between countries.",
        lint.of_engagement,
        engagement="id",
    )
    record_withdraw: RecordWithdrawPayload = write(
        RecordWithdrawPayload,
        RecordWithdrawInput,
        withdraw_record,
        """Takes a record entered by mistake out of every answer; the log keeps it. Refused while others rest on it,
which are then named.""",
        withdrawn_id=str,
    )
