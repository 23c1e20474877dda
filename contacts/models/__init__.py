from contacts.models.addresses import Channel, Consent, ConsentEntry, ContactPoint, Suppression
from contacts.models.imports import ContactImport, ImportMapping
from contacts.models.people import Contact, Guardianship, Household, Student
from contacts.models.status import AidStatus, AidStatusEntry, ApplicationPath

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
    "Guardianship",
    "Household",
    "ImportMapping",
    "Student",
    "Suppression",
]
