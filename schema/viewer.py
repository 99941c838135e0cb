"""Who is asking, and what they may see and do."""

import strawberry

from registry.access import Audience, Role
from schema.execution.field import declare
from schema.execution.source import Asker
from schema.relay import Shown
from schema.scalars import enum

for kind in (Audience, Role):
    enum(kind)


@strawberry.type(description="Who is asking and what they may do.")
class Viewer(Shown):
    name: str = declare(Asker("name"), "Name that the log of changes has for them.")
    role: Role = declare(Asker("role"), "What they may do.")
    audiences: list[Audience] = declare(Asker("audiences"), "They see what is for one of these.")
