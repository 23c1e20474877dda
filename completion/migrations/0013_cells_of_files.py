from django.db import migrations, models


def work_out_anew(apps, schema_editor):
    """What was made before lacks the new columns; pages compute until the queue has made it."""
    apps.get_model('completion', 'Reckoning').objects.update(made=None)
    for name in ('SchoolSummary', 'Summary'):
        apps.get_model('completion', name).objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('completion', '0012_leaner_snapshots'),
    ]

    operations = [
        migrations.RunPython(work_out_anew, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name='schoolsummary',
            name='cells',
            field=models.JSONField(default=list, help_text='Its cells in a file; empty where these need words.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='schoolsummary',
            name='spark',
            field=models.JSONField(help_text='The line beside it in a list.', null=True),
        ),
    ]
