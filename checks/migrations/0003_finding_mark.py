"""Each finding gets its mark; findings that are there already get theirs."""

from itertools import groupby
from operator import attrgetter

from django.db import migrations, models

from checks.engine.model import Finding as Found
from checks.engine.model import Level
from checks.marks import marks_of

BATCH = 1_000


def mark(apps, schema_editor) -> None:
    """By the version of any release that uses the result: they are equal in all that matters."""
    Finding = apps.get_model("checks", "Finding")
    Run = apps.get_model("checks", "Run")
    results = Run.results.through.objects.values_list("result", "run__revision__release__version")
    versions = dict(results.iterator())
    rows = Finding.objects.order_by("result", "place").iterator(chunk_size=BATCH)
    changed = []
    for result, found in groupby(rows, key=attrgetter("result_id")):
        findings = list(found)
        told = [
            Found(each.rule, each.version, Level(each.level), each.path, each.message,
                  each.member, each.see, each.data)
            for each in findings
        ]
        for finding, its_mark in zip(findings, marks_of(told, versions.get(result, "")), strict=True):
            finding.mark = its_mark
            changed.append(finding)
        if len(changed) >= BATCH:
            Finding.objects.bulk_update(changed, ["mark"], batch_size=300)
            changed = []
    Finding.objects.bulk_update(changed, ["mark"], batch_size=300)


class Migration(migrations.Migration):
    dependencies = [
        ("checks", "0002_initial"),
        ("releases", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="mark",
            field=models.CharField(blank=True, editable=False, max_length=16),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop, elidable=True),
    ]
