import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("releases", "0002_checked_ballots_and_files_done"),
    ]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="name",
            field=models.GeneratedField(
                db_index=True,
                db_persist=True,
                expression=django.db.models.functions.text.Replace(
                    "path",
                    models.Func(
                        "path",
                        django.db.models.functions.text.Replace(
                            "path", models.Value("/"), models.Value("")
                        ),
                        function="RTRIM",
                    ),
                ),
                output_field=models.CharField(max_length=1024),
            ),
        ),
    ]
