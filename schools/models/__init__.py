from schools.models.audit import AuditEntry
from schools.models.cycles import Cycle, Deadline
from schools.models.people import Membership, Role, User
from schools.models.places import Blackout, County, District, Enrolment, Region, School, State
from schools.models.web_addresses import WebAddress

__all__ = [
    "AuditEntry",
    "Blackout",
    "County",
    "Cycle",
    "Deadline",
    "District",
    "Enrolment",
    "Membership",
    "Region",
    "Role",
    "School",
    "State",
    "User",
    "WebAddress",
]
