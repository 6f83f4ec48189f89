# SPDX-License-Identifier: Apache-2.0
"""A statement has one database record for each restriction, not only for the first."""

from __future__ import annotations

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def to_lists(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Keep the record that there is as the first of a list."""
    statements = apps.get_model("store", "Statement")
    for row in statements.objects.exclude(database_record={}).iterator():
        row.database_records = [row.database_record]
        row.save(update_fields=["database_records"])


class Migration(migrations.Migration):
    """Add the list, fill it, drop the single record."""

    dependencies: ClassVar = [("store", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="statement",
            name="database_records",
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(to_lists, migrations.RunPython.noop),
        migrations.RemoveField(model_name="statement", name="database_record"),
    ]
