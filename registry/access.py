"""Whom a record or a column may be shown to."""

from registry.codes import Code


class Audience(Code):
    """Whom a record may be shown to; each wider audience is served by the ones that follow."""

    PUBLIC = "PUBLIC", "Everyone."
    OFFICIAL = "OFFICIAL", "Officials who read with a key."
    RESTRICTED = "RESTRICTED", "Administrators only."


PUBLIC = Audience.PUBLIC
OFFICIAL = Audience.OFFICIAL
RESTRICTED = Audience.RESTRICTED
