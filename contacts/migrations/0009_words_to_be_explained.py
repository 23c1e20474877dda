import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def decided_where_told(apps, schema_editor):
    """A word with a meaning was answered; when, nobody noted: when it was last seen."""
    word = apps.get_model("contacts", "FileWord")
    word.objects.exclude(meaning="").update(decided_at=F("seen_on"))


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_questions_remembered"),
        ("schools", "0002_keep_months"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="contactimport",
            name="as_of",
            field=models.DateField(
                blank=True,
                null=True,
            ),
        ),
        migrations.RenameModel("LanguageWord", "FileWord"),
        migrations.RemoveConstraint("fileword", "language_word_once"),
        migrations.RenameField("fileword", "language", "meaning"),
        migrations.RenameField("fileword", "told_by", "decided_by"),
        migrations.AddField("fileword", "decided_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "fileword",
            "kind",
            models.CharField(
                choices=[
                    ("language", "Language"),
                    ("school", "School"),
                    ("status", "Aid status"),
                ],
                default="language",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "fileword",
            "rows",
            models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            "fileword",
            "upload",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="file_words",
                to="contacts.contactimport",
            ),
        ),
        migrations.AddField(
            "fileword",
            "contacts",
            models.ManyToManyField( related_name="+", to="contacts.contact"
            ),
        ),
        migrations.AlterField(
            "fileword", "meaning", models.CharField(blank=True, max_length=20)
        ),
        migrations.AlterField(
            "fileword",
            "district",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="file_words",
                to="schools.district",
            ),
        ),
        migrations.AlterField("fileword", "word", models.CharField(max_length=80)),
        migrations.AlterField("fileword", "seen_on", models.DateField()),
        migrations.AlterModelOptions("fileword", {"ordering": ["kind", "word"]}),
        migrations.AddConstraint(
            "fileword",
            models.UniqueConstraint(fields=("district", "kind", "word"), name="file_word_once"),
        ),
        migrations.RunPython(decided_where_told, migrations.RunPython.noop),
    ]
