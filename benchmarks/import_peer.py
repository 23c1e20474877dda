"""The peer of the import: django-import-export, writing the same rows into the same models.

A ModelResource with what its manual shows: import ids, `skip_unchanged`, one transaction, and
hooks for what hangs on a student. It checks phones and e-mails as ours does, and finds guardians
by address; it does without a preview, households of siblings, those who left, and undoing.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

COLUMNS = {
    "student_id": "sis_id",
    "student_first_name": "first_name",
    "student_last_name": "last_name",
}


def run(path: Path, district: Any, now: dt.datetime, rows: int) -> None:
    """Imports the first `rows` rows of the file."""
    import tablib
    from import_export import resources

    from config.quickstart import moments
    from contacts import emails, languages, phones
    from contacts.crypto import blind_index
    from contacts.models import (
        ConsentEntry,
        Contact,
        ContactPoint,
        Guardianship,
        Household,
        NameWord,
        Student,
    )
    from contacts.names import words_of

    schools = {school.nces_id: school for school in district.schools.all()}
    cycle = moments.at(now).cycle

    class Families(resources.ModelResource):
        class Meta:
            model = Student
            import_id_fields = ("sis_id",)
            fields = ("sis_id", "first_name", "last_name", "birth_date", "grade")
            skip_unchanged = True
            skip_html_diff = True  # quicker, and nobody looks at it here

        def get_queryset(self) -> Any:
            return Student.objects.filter(district=district)

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.district, instance.cycle = district, cycle
            instance.school = schools[row["school"]]
            if not instance.household_id:
                instance.household = Household.objects.create(district=district)

        def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            words = words_of(f"{instance.first_name} {instance.last_name}")
            NameWord.objects.filter(student=instance).delete()
            NameWord.objects.bulk_create([NameWord(word=w, student=instance) for w in words])

        def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
            student = Student.objects.get(district=district, sis_id=row["sis_id"])
            phone = phones.read(row["guardian_phone"]).e164
            email = emails.read(row["guardian_email"])
            held = ContactPoint.objects.filter(
                contact__district=district,
                channel="sms",
                address_index=blind_index("sms", phone),
            ).select_related("contact")
            point = held.first()
            contact = point.contact if point else Contact(district=district)
            said = {
                "first_name": row["guardian_first_name"],
                "last_name": row["guardian_last_name"],
                "language": languages.understand(row["language"]) or "en",
            }
            if point is None or any(getattr(contact, k) != v for k, v in said.items()):
                for name, value in said.items():
                    setattr(contact, name, value)
                contact.save()
                words = words_of(str(contact))
                NameWord.objects.filter(contact=contact).delete()
                NameWord.objects.bulk_create([NameWord(word=w, contact=contact) for w in words])
            Guardianship.objects.get_or_create(
                contact=contact,
                student=student,
                defaults={"relationship": row["guardian_relationship"]},
            )
            for channel, address in (("sms", phone), ("email", email)):
                index = blind_index(channel, address)
                known = contact.points.filter(channel=channel, address_index=index)
                if not known.exists():
                    new = ContactPoint(contact=contact, channel=channel)
                    new.set_address(address)
                    new.save()
                    ConsentEntry.objects.create(
                        channel=channel,
                        address_index=index,
                        contact_point=new,
                        district=district,
                        action="given",
                        basis="enrolment form",
                        at=now,
                    )

    with path.open(newline="") as file:
        reader = csv.reader(file)
        headers = [COLUMNS.get(name, name) for name in next(reader)]
        data = tablib.Dataset(*(next(reader) for _row in range(rows)), headers=headers)
    Families().import_data(data, dry_run=False, raise_errors=True, use_transactions=True)
