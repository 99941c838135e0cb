"""Types that other modules of the schema define, for fields that lead to them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.agreements import Agreement, LegalAct
    from schema.companies import Company
    from schema.countries import Country
    from schema.deadlines import Deadline
    from schema.engagements import Engagement
    from schema.figures import Figure
    from schema.gaps import Gap
    from schema.institutions import Institution
    from schema.placements import PlacementTable
    from schema.programmes import Programme
    from schema.quotas import Quota
    from schema.sectors import Occupation, Sector
    from schema.sources import Citation, Source

AgreementType = Annotated["Agreement", strawberry.lazy("schema.agreements")]
LegalActType = Annotated["LegalAct", strawberry.lazy("schema.agreements")]
CompanyType = Annotated["Company", strawberry.lazy("schema.companies")]
CountryType = Annotated["Country", strawberry.lazy("schema.countries")]
DeadlineType = Annotated["Deadline", strawberry.lazy("schema.deadlines")]
EngagementType = Annotated["Engagement", strawberry.lazy("schema.engagements")]
FigureType = Annotated["Figure", strawberry.lazy("schema.figures")]
GapType = Annotated["Gap", strawberry.lazy("schema.gaps")]
InstitutionType = Annotated["Institution", strawberry.lazy("schema.institutions")]
PlacementTableType = Annotated["PlacementTable", strawberry.lazy("schema.placements")]
ProgrammeType = Annotated["Programme", strawberry.lazy("schema.programmes")]
QuotaType = Annotated["Quota", strawberry.lazy("schema.quotas")]
OccupationType = Annotated["Occupation", strawberry.lazy("schema.sectors")]
SectorType = Annotated["Sector", strawberry.lazy("schema.sectors")]
CitationType = Annotated["Citation", strawberry.lazy("schema.sources")]
SourceType = Annotated["Source", strawberry.lazy("schema.sources")]
