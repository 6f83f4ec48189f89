# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
import vigie.store.fields
import vigie.store.models.gateway
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="GatewayPrint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("application", models.CharField(max_length=20)),
                ("at", vigie.store.fields.MomentField(db_index=True)),
                ("fingerprint", models.BigIntegerField()),
                ("decision_id", vigie.store.fields.IdField(max_length=512)),
            ],
            options={
                "db_table_comment": "Similarity fingerprints of prompts, 30 days",
            },
        ),
        migrations.CreateModel(
            name="GatewayProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("document", models.JSONField(default=dict)),
                ("in_force", models.BooleanField(default=True)),
                ("changed_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Profiles of the gateway",
            },
        ),
        migrations.CreateModel(
            name="GatewayUpstream",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, unique=True)),
                ("document", models.JSONField(default=dict)),
                ("in_force", models.BooleanField(default=True)),
                ("changed_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Upstreams of the gateway",
            },
        ),
        migrations.AddField(
            model_name="apikey",
            name="country",
            field=models.CharField(blank=True, default="", max_length=2),
        ),
        migrations.AddField(
            model_name="apikey",
            name="profile",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="approved_by",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="asked_by",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="ends_at",
            field=vigie.store.fields.MomentField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="risk",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="version",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.CreateModel(
            name="GatewayBrake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("feature", vigie.store.fields.CodeField(max_length=24)),
                ("countries", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=500)),
                ("automatic", models.BooleanField(default=False)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        db_index=True,
                        default=vigie.store.models.gateway.BrakeState["IN_FORCE"],
                        max_length=16,
                    ),
                ),
                ("started_at", vigie.store.fields.MomentField()),
                ("started_by", models.CharField(max_length=64)),
                ("released_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("release_asked_by", models.CharField(blank=True, default="", max_length=64)),
                ("released_by", models.CharField(blank=True, default="", max_length=64)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Brakes of the gateway",
            },
        ),
        migrations.CreateModel(
            name="GatewayCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("user", models.CharField(max_length=40)),
                ("period", models.IntegerField()),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.gateway.GatewayCaseState["OPEN"], max_length=16
                    ),
                ),
                ("stops", models.PositiveIntegerField(default=0)),
                ("opened_at", vigie.store.fields.MomentField()),
                ("last_at", vigie.store.fields.MomentField()),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=64)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.apikey",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Repeated stops of one application user",
            },
        ),
        migrations.CreateModel(
            name="GatewayDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.IntegerField()),
                ("application", models.CharField(max_length=20)),
                ("feature", vigie.store.fields.CodeField(max_length=24)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("ending", vigie.store.fields.CodeField(max_length=16)),
                ("category", models.CharField(blank=True, default="", max_length=64)),
                ("exchanges", models.BigIntegerField(default=0)),
                ("opened", models.BigIntegerField(default=0)),
                ("failures", models.BigIntegerField(default=0)),
                ("unregistered", models.BigIntegerField(default=0)),
                ("people", models.JSONField(default=list)),
                ("many", models.BooleanField(default=False)),
            ],
            options={
                "db_table_comment": "Daily figures of the gateway",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "application", "feature", "country", "ending", "category"),
                        name="gateway_day_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GatewayIncidentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", vigie.store.fields.MomentField()),
                ("by", models.CharField(max_length=64)),
                ("what", vigie.store.fields.CodeField(max_length=32)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "brake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="store.gatewaybrake",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Timelines of the gateway's incidents",
            },
        ),
        migrations.CreateModel(
            name="GatewayStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", vigie.store.fields.MomentField()),
                ("stage", vigie.store.fields.CodeField(max_length=16)),
                ("feature", vigie.store.fields.CodeField(max_length=24)),
                ("route", models.CharField(max_length=64)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("language", models.CharField(blank=True, default="", max_length=16)),
                ("category", models.CharField(max_length=64)),
                ("model", models.CharField(blank=True, default="", max_length=200)),
                ("user", models.CharField(blank=True, default="", max_length=40)),
                ("facts", models.JSONField(default=dict)),
                ("excerpt", models.CharField(blank=True, default="", max_length=200)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stopped",
                        to="store.gatewaycase",
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gateway_stop",
                        to="store.decisionrecord",
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.evidence",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.apikey",
                    ),
                ),
            ],
            options={
                "db_table_comment": "What the gateway stopped",
            },
        ),
        migrations.CreateModel(
            name="GatewayUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.IntegerField()),
                ("requests", models.BigIntegerField(default=0)),
                ("input_tokens", models.BigIntegerField(default=0)),
                ("output_tokens", models.BigIntegerField(default=0)),
                ("images", models.BigIntegerField(default=0)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="store.apikey",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Daily use of gateway keys",
            },
        ),
        migrations.CreateModel(
            name="GatewayAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=24)),
                ("subject", models.CharField(blank=True, default="", max_length=128)),
                ("first_at", vigie.store.fields.MomentField()),
                ("last_at", vigie.store.fields.MomentField()),
                ("count", models.BigIntegerField(default=1)),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=64)),
                ("note", models.TextField(blank=True, default="")),
                (
                    "key",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.apikey",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Alarms of the gateway",
                "indexes": [
                    models.Index(fields=["closed_at", "kind", "subject"], name="gateway_alarm_open")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="gatewaycase",
            index=models.Index(fields=["state", "last_at"], name="gateway_case_state"),
        ),
        migrations.AddConstraint(
            model_name="gatewaycase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user", ""), _negated=True),
                fields=("key", "user"),
                name="gateway_case_once",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewaystop",
            index=models.Index(fields=["at"], name="gateway_stop_at"),
        ),
        migrations.AddIndex(
            model_name="gatewaystop",
            index=models.Index(fields=["key", "user", "at"], name="gateway_stop_user"),
        ),
        migrations.AddConstraint(
            model_name="gatewayusage",
            constraint=models.UniqueConstraint(fields=("key", "day"), name="gateway_usage_once"),
        ),
    ]
