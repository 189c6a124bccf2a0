"""An upload on its way has any number of files; those that wait keep the one they have."""

import django.db.models.deletion
from django.db import migrations, models


def carry_over(apps, schema_editor):
    Arrival = apps.get_model("releases", "Arrival")
    ArrivedFile = apps.get_model("releases", "ArrivedFile")
    for arrival in Arrival.objects.select_related("release").iterator():
        Arrival.objects.filter(pk=arrival.pk).update(base=arrival.release.last_revision)
        problem = arrival.problem if arrival.state == "refused" else ""
        ArrivedFile.objects.create(
            arrival=arrival, path=arrival.path, blob_id=arrival.blob_id, problem=problem
        )


class Migration(migrations.Migration):

    dependencies = [("releases", "0010_arrivals")]

    operations = [
        migrations.AddField(
            model_name="arrival",
            name="base",
            field=models.PositiveIntegerField(default=0, editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="arrival",
            name="dismissed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="arrival",
            name="way",
            field=models.CharField(
                choices=[("page", "by the page"), ("api", "by the API"), ("rsync", "by rsync")],
                default="api",
                editable=False,
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="arrival",
            name="blob",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="releases.blob",
            ),
        ),
        migrations.CreateModel(
            name="ArrivedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(editable=False, max_length=1024)),
                ("problem", models.TextField(blank=True, editable=False)),
                (
                    "arrival",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="releases.arrival",
                    ),
                ),
                (
                    "blob",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrivals",
                        to="releases.blob",
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("arrival", "path"), name="releases_arrived_once"
                    )
                ],
            },
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(model_name="arrival", name="blob"),
        migrations.RemoveField(model_name="arrival", name="path"),
    ]
