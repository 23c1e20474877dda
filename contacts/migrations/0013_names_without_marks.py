from django.db import migrations

from contacts.names import words_of


def split(apps, _schema_editor):
    """The search finds "García-López" by "lopez", and "O'Brien" by "obrien"."""
    NameWord = apps.get_model("contacts", "NameWord")
    marked = NameWord.objects.filter(word__regex=r"[-.,_'’‘‐‑–]")
    for old in marked.order_by("pk").iterator(2_000):
        NameWord.objects.bulk_create(
            NameWord(word=word, student_id=old.student_id, contact_id=old.contact_id)
            for word in words_of(old.word)
        )
        old.delete()


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_holds")]

    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
