"""Who acts, in which role, and whom a record or a column may be shown to."""

from dataclasses import dataclass

from registry.codes import Code


class Audience(Code):
    """Whom a record may be shown to; each wider audience is served by the ones that follow."""

    PUBLIC = "PUBLIC", "Everyone."
    OFFICIAL = "OFFICIAL", "Officials who read with a key."
    RESTRICTED = "RESTRICTED", "Administrators only."


PUBLIC = Audience.PUBLIC
OFFICIAL = Audience.OFFICIAL
RESTRICTED = Audience.RESTRICTED


class Role(Code):
    """What somebody may do; each role may do all that the ones before it may."""

    PUBLIC = "PUBLIC", "Anyone: reads what is public."
    READER = "READER", "An official who reads with a key."
    EDITOR = "EDITOR", "An official who records and revises."
    ADMIN = "ADMIN", "An administrator, who sees and may do everything."


_AUDIENCES = {
    Role.PUBLIC: (PUBLIC,),
    Role.READER: (PUBLIC, OFFICIAL),
    Role.EDITOR: (PUBLIC, OFFICIAL),
    Role.ADMIN: (PUBLIC, OFFICIAL, RESTRICTED),
}


@dataclass(frozen=True)
class Actor:
    """Who reads or writes: a name for the log, and a role.

    `subject` tells apart those whom an issuer of tokens calls by one name, or as a key is called.
    """

    name: str
    role: Role
    subject: str = ""

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences that the actor belongs to: records of these may be shown."""
        return _AUDIENCES[self.role]

    @property
    def writes(self) -> bool:
        """Whether the actor may record and revise."""
        return self.role in (Role.EDITOR, Role.ADMIN)


#: Whoever gives no credential.
ANYONE = Actor("anyone", Role.PUBLIC)

#: Whoever works on the machine of the registry itself: the command line, the seeds.
OPERATOR = Actor("operator", Role.ADMIN)
