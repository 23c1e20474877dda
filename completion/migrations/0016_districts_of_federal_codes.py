from django.db import migrations
from django.db.models import F


def find_districts(apps, schema_editor):
    """Schools that only Federal Student Aid lists (1201590F0011) belong to the district that their
    code begins with; until now they had none."""
    School, District = (apps.get_model("schools", name) for name in ("School", "District"))
    schools = School.objects.filter(district=None, nces_id__regex=r"^[0-9]{7}F[0-9]{4}$")
    found = list(schools.only("pk", "nces_id", "state_id"))
    districts = District.objects.in_bulk({s.nces_id[:7] for s in found}, field_name="nces_id")
    for school in found:
        if (district := districts.get(school.nces_id[:7])) and district.state_id == school.state_id:
            School.objects.filter(pk=school.pk).update(district=district)
    states = {school.state_id for school in found}
    reckonings = apps.get_model("completion", "Reckoning").objects.filter(state__in=states)
    reckonings.update(asked=F("asked") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("completion", "0015_told_lines"),
        ("schools", "0010_public_regions"),
    ]

    operations = [migrations.RunPython(find_districts, migrations.RunPython.noop)]
