from django.db import migrations


def look_again(apps, schema_editor):
    """Whoever fetched a federal file before district bands were kept looks at it once more."""
    files = apps.get_model("completion", "SourceFile").objects.filter(kind="federal")
    if files.exclude(summary__has_key="bands").exists():
        apps.get_model("completion", "Watched").objects.update(mark="")


class Migration(migrations.Migration):
    dependencies = [("completion", "0013_cells_of_files")]

    operations = [migrations.RunPython(look_again, migrations.RunPython.noop)]
