from contacts.models.addresses import Channel, Consent, ConsentEntry, ContactPoint, Suppression
from contacts.models.finding import NameWord, Tag
from contacts.models.imports import ContactImport, ImportChange, ImportMapping, ImportPiece
from contacts.models.people import Contact, Guardianship, Hours, Household, OtherId, Student
from contacts.models.retention import Hold
from contacts.models.reviews import PossibleDouble, StatusReview
from contacts.models.rosters import RosterService
from contacts.models.status import AidStatus, AidStatusEntry, ApplicationPath
from contacts.models.words import FileWord

__all__ = [
    "AidStatus",
    "AidStatusEntry",
    "ApplicationPath",
    "Channel",
    "Consent",
    "ConsentEntry",
    "Contact",
    "ContactImport",
    "ContactPoint",
    "FileWord",
    "Guardianship",
    "Hold",
    "Hours",
    "Household",
    "ImportChange",
    "ImportMapping",
    "ImportPiece",
    "NameWord",
    "OtherId",
    "PossibleDouble",
    "RosterService",
    "StatusReview",
    "Student",
    "Suppression",
    "Tag",
]
