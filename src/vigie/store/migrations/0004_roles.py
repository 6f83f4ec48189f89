# SPDX-License-Identifier: Apache-2.0
"""The role `lead` is called `senior`; every person gets a role number."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def rename(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """Rename the role and number the people in the order of their accounts."""
    people = apps.get_model("store", "User").objects
    people.filter(role="lead").update(role="senior")
    for number, user in enumerate(people.order_by("pk"), start=1):
        people.filter(pk=user.pk).update(number=number)


class Migration(migrations.Migration):
    dependencies = [("store", "0003_people")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
