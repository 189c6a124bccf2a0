"""What a policy had by default, it did not say: the committee and the foundation say it now."""

from django.db import migrations

DEFAULTS = {
    "binding_needed": (3, None),
    "pause_on_minus_one": (True, None),
    "license_mode": ("lightweight", ""),
    "vote_mode": ("trusted", ""),
}


def unsay(apps, editor):
    policies = apps.get_model("projects", "Policy").objects
    for name, (value, nothing) in DEFAULTS.items():
        policies.filter(**{name: value}).update(**{name: nothing})


def say(apps, editor):
    policies = apps.get_model("projects", "Policy").objects
    policies.filter(project=None).delete()
    for name, (value, nothing) in DEFAULTS.items():
        empty = {f"{name}__isnull": True} if nothing is None else {name: nothing}
        policies.filter(**empty).update(**{name: value})


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_policies_of_places")]
    operations = [migrations.RunPython(unsay, say)]
