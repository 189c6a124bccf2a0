from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0012_counting_votes")]

    operations = [
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'passed'), _negated=True), ('mode', 'manual'), ('at_will', True), models.Q(('binding_for__gte', models.F('binding_needed')), ('binding_for__gt', models.F('binding_against')), models.Q(('ends_at__isnull', True), ('resolved_at__gte', models.F('ends_at')), _connector='OR')), _connector='OR'), name='releases_vote_passed_by_rule'),
        ),
    ]
