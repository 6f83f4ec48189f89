# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
import vigie.store.fields
import vigie.store.models.orders
import vigie.store.models.reports
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0004_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                ("key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("expires_at", vigie.store.fields.MomentField(db_index=True)),
            ],
            options={
                "db_table_comment": "Limits of signing in and codes already used; minutes",
            },
        ),
        migrations.CreateModel(
            name="Unreached",
            fields=[
                ("party", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("since", vigie.store.fields.MomentField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_try", vigie.store.fields.MomentField()),
                ("problem", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
            ],
            options={
                "db_table_comment": "Witnesses and time-stamp authorities that do not answer",
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("country", models.CharField(max_length=2)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("note", models.TextField(blank=True, default="")),
                ("created_by", models.CharField(max_length=64)),
                ("created_at", vigie.store.fields.MomentField()),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Sender directory: authorities",
                "constraints": [
                    models.UniqueConstraint(fields=("country", "name"), name="authority_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthorityContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("value", models.CharField(max_length=500)),
                ("source", models.TextField()),
                ("declared", models.BooleanField(default=False)),
                ("entered_at", vigie.store.fields.MomentField()),
                ("checked_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("withdrawn_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("seen_in", models.JSONField(default=list)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="store.authority",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Contacts of authorities, with their source",
            },
        ),
        migrations.CreateModel(
            name="AuthorityReport",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.reports.ReportState["DRAFT"], max_length=16
                    ),
                ),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("fields", models.JSONField(default=dict)),
                ("external_id", models.CharField(blank=True, default="", max_length=100)),
                ("receipt", models.JSONField(default=dict)),
                ("problem", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_try", vigie.store.fields.MomentField(default=0)),
                ("awareness_at", vigie.store.fields.MomentField()),
                ("created_at", vigie.store.fields.MomentField()),
                ("sent_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("reported_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.authoritycontact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="store.decisionrecord",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Reports to authorities",
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("witness", models.CharField(max_length=200)),
                ("line", models.TextField()),
                ("at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Cosignatures of witnesses",
                "constraints": [
                    models.UniqueConstraint(fields=("size", "witness"), name="cosignature_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CustodyBasis",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("basis", models.TextField()),
                ("holder", models.CharField(max_length=200)),
                ("country", models.CharField(max_length=2)),
                ("ends_at", vigie.store.fields.MomentField()),
                ("entered_at", vigie.store.fields.MomentField()),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Why bytes of class child may be kept",
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("evidence_id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(unique=True)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("cls", vigie.store.fields.CodeField(blank=True, default="", max_length=16)),
                ("lane", vigie.store.fields.CodeField(default="general", max_length=16)),
                ("rule", vigie.store.fields.CodeField(max_length=64)),
                ("basis", models.TextField()),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("item_id", vigie.store.fields.IdField(blank=True, default="", max_length=512)),
                ("author", models.CharField(blank=True, default="", max_length=64)),
                ("mime", models.CharField(blank=True, default="", max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("meta", models.JSONField(default=dict)),
                ("recipient", models.CharField(max_length=70)),
                ("file", models.CharField(max_length=200)),
                ("wrapped", models.JSONField(default=list)),
                ("sealed_at", vigie.store.fields.MomentField()),
                ("keep_until", vigie.store.fields.MomentField()),
                ("purge_at", vigie.store.fields.MomentField()),
                ("shredded_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="store.decisionrecord",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Sealed evidence",
            },
        ),
        migrations.CreateModel(
            name="CustodyEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("by", models.CharField(max_length=64)),
                ("reason", models.TextField(blank=True, default="")),
                ("ticket", models.CharField(blank=True, default="", max_length=100)),
                ("at", vigie.store.fields.MomentField()),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custody",
                        to="store.record",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custody",
                        to="store.evidence",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Custody of evidence",
            },
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("opened_at", vigie.store.fields.MomentField()),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="store.authority",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matter",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Matter files",
            },
        ),
        migrations.CreateModel(
            name="MatterDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("mime", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.CharField(blank=True, default="", max_length=200)),
                ("wrapped_key", models.TextField(blank=True, default="")),
                ("at", vigie.store.fields.MomentField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="store.matter",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Documents of matter files",
            },
        ),
        migrations.CreateModel(
            name="MatterEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("title", models.CharField(max_length=300)),
                ("text", models.TextField(blank=True, default="")),
                ("happens_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("written_at", vigie.store.fields.MomentField()),
                ("removed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="store.matter",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Entries of matter files",
            },
        ),
        migrations.CreateModel(
            name="MatterLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("target", models.CharField(max_length=100)),
                ("at", vigie.store.fields.MomentField()),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="store.matter",
                    ),
                ),
            ],
            options={
                "db_table_comment": "What belongs to a matter",
            },
        ),
        migrations.CreateModel(
            name="MatterText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("language", models.CharField(max_length=5)),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("written_at", vigie.store.fields.MomentField()),
                ("approved_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("given_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="store.matter",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="store.matterentry",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Versions of answers and public statements",
            },
        ),
        migrations.CreateModel(
            name="OfficerAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=200)),
                ("begins_at", vigie.store.fields.MomentField()),
                ("ends_at", vigie.store.fields.MomentField()),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="officer",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Officers' accounts",
            },
        ),
        migrations.CreateModel(
            name="OfficerView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=300)),
                ("at", vigie.store.fields.MomentField()),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to="store.officeraccess",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "What officers saw",
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("form", vigie.store.fields.CodeField(max_length=64)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.orders.OrderState["RECEIVED"], max_length=16
                    ),
                ),
                ("outcome", vigie.store.fields.CodeField(blank=True, default="", max_length=16)),
                ("channel", vigie.store.fields.CodeField(max_length=16)),
                ("sender", models.CharField(blank=True, default="", max_length=300)),
                ("reply_to", models.CharField(blank=True, default="", max_length=254)),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("language", models.CharField(blank=True, default="", max_length=5)),
                ("fields", models.JSONField(default=dict)),
                ("missing", models.JSONField(default=list)),
                ("odd", models.JSONField(default=list)),
                ("emergency", models.BooleanField(default=False)),
                (
                    "proof",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.orders.Proof["NONE"], max_length=20
                    ),
                ),
                ("proof_note", models.TextField(blank=True, default="")),
                ("proven_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("territories", models.JSONField(default=list)),
                ("silent", models.BooleanField(default=False)),
                (
                    "code_digest",
                    models.CharField(blank=True, db_index=True, default="", max_length=64),
                ),
                ("receipt", models.JSONField(default=dict)),
                (
                    "fingerprint",
                    models.CharField(blank=True, db_index=True, default="", max_length=64),
                ),
                ("received_at", vigie.store.fields.MomentField()),
                ("read_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("executed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("effect_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="store.authority",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="orders",
                        to="store.matter",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proven_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order",
                        to="store.record",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="again",
                        to="store.order",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Orders, requests and referrals of authorities",
            },
        ),
        migrations.CreateModel(
            name="EvidencePackage",
            fields=[
                ("package_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("search", models.BigIntegerField(blank=True, null=True)),
                ("recipient", models.CharField(max_length=200)),
                ("tagmanifest_sha512", models.CharField(max_length=128)),
                ("records", models.PositiveIntegerField()),
                ("size", models.BigIntegerField()),
                ("made_by", models.CharField(max_length=64)),
                ("at", vigie.store.fields.MomentField()),
                ("handed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("handed_note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="package",
                        to="store.record",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packages",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Evidence packages",
            },
        ),
        migrations.AddField(
            model_name="evidence",
            name="order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="store.order",
            ),
        ),
        migrations.CreateModel(
            name="EmergencyRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("data", models.JSONField()),
                ("reason", models.TextField()),
                ("at", vigie.store.fields.MomentField()),
                ("reviewed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("finding", vigie.store.fields.CodeField(blank=True, default="", max_length=16)),
                ("review_note", models.TextField(blank=True, default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="release",
                        to="store.record",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Disclosures in emergencies and their review",
            },
        ),
        migrations.CreateModel(
            name="DutyClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("duty", vigie.store.fields.CodeField(max_length=64)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("subject", vigie.store.fields.CodeField(max_length=16)),
                ("number", models.BigIntegerField()),
                ("start_event", vigie.store.fields.CodeField(max_length=64)),
                ("started_at", vigie.store.fields.MomentField()),
                ("due_at", vigie.store.fields.MomentField()),
                ("latest_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("paused_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("paused_ms", models.BigIntegerField(default=0)),
                ("pause_basis", models.CharField(blank=True, default="", max_length=200)),
                ("resumed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.orders.ClockState["RUNNING"], max_length=16
                    ),
                ),
                ("next_alarm_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("alarms", models.PositiveIntegerField(default=0)),
                ("met_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("missed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Clocks of duties",
            },
        ),
        migrations.CreateModel(
            name="OrderData",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", vigie.store.fields.CodeField(max_length=16)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("account", vigie.store.fields.IdField(max_length=512)),
                ("period_from", vigie.store.fields.MomentField(blank=True, null=True)),
                ("period_until", vigie.store.fields.MomentField(blank=True, null=True)),
                ("covered", models.BooleanField(default=False)),
                ("granted", models.BooleanField(default=False)),
                ("why", models.TextField(blank=True, default="")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="data",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Data categories that orders ask for",
            },
        ),
        migrations.CreateModel(
            name="OrderDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("mime", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.CharField(blank=True, default="", max_length=200)),
                ("wrapped_key", models.TextField(blank=True, default="")),
                ("problem", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("text", models.TextField(blank=True, default="")),
                ("signature", models.JSONField(default=dict)),
                ("at", vigie.store.fields.MomentField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Documents of orders",
            },
        ),
        migrations.CreateModel(
            name="OrderLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=32)),
                ("language", models.CharField(max_length=5)),
                ("data", models.JSONField()),
                ("pdf_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("state", vigie.store.fields.CodeField(default="written", max_length=16)),
                ("sent_note", models.CharField(blank=True, default="", max_length=300)),
                ("sent_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("written_by", models.CharField(max_length=64)),
                ("at", vigie.store.fields.MomentField()),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.authoritycontact",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="store.order",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_letter",
                        to="store.record",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.outgoingtask",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Letters to authorities",
            },
        ),
        migrations.CreateModel(
            name="OrderLocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("url", models.TextField(blank=True, default="")),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("item_id", vigie.store.fields.IdField(blank=True, default="", max_length=512)),
                ("version", models.BigIntegerField(default=0)),
                ("copy", models.BooleanField(default=False)),
                ("outcome", vigie.store.fields.CodeField(blank=True, default="", max_length=16)),
                ("done_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.decisionrecord",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="locations",
                        to="store.order",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Locations of orders",
            },
        ),
        migrations.CreateModel(
            name="OrderProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("proof", vigie.store.fields.CodeField(max_length=20)),
                ("qualified", models.BooleanField(default=False)),
                ("scope_sha256", models.CharField(max_length=64)),
                ("detail", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True, default="")),
                ("at", vigie.store.fields.MomentField()),
                ("withdrawn_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("withdrawn_why", models.TextField(blank=True, default="")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="store.authoritycontact",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="store.order",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_proof",
                        to="store.record",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Proofs of the senders of orders",
            },
        ),
        migrations.CreateModel(
            name="PrivilegedNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ciphertext", models.BinaryField()),
                ("at", vigie.store.fields.MomentField()),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="privileged",
                        to="store.matter",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Privileged notes, encrypted to the legal role",
            },
        ),
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("hashes", models.JSONField(default=dict)),
                ("url", models.TextField(blank=True, default="")),
                ("viewed", models.BooleanField(default=False)),
                ("details", models.JSONField(default=dict)),
                ("external_id", models.CharField(blank=True, default="", max_length=100)),
                ("state", vigie.store.fields.CodeField(default="waiting", max_length=16)),
                (
                    "evidence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.evidence",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="store.authorityreport",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Files of reports",
            },
        ),
        migrations.CreateModel(
            name="SearchDay",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("authority_name", models.CharField(max_length=300)),
                ("warrant", models.CharField(max_length=300)),
                ("scope", models.JSONField()),
                ("scope_text", models.TextField()),
                ("persons", models.JSONField(default=list)),
                ("counsel", models.CharField(blank=True, default="", max_length=300)),
                ("counsel_called_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("opened_at", vigie.store.fields.MomentField()),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("checkpoint_open", models.TextField(blank=True, default="")),
                ("checkpoint_close", models.TextField(blank=True, default="")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
                        to="store.authority",
                    ),
                ),
                (
                    "closing",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
                        to="store.matter",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="search_day",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Searches by authorities",
            },
        ),
        migrations.AddField(
            model_name="officeraccess",
            name="search",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="officers",
                to="store.searchday",
            ),
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("label", models.CharField(max_length=300)),
                ("serial", models.CharField(blank=True, default="", max_length=200)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("seal", models.CharField(blank=True, default="", max_length=200)),
                ("note", models.TextField(blank=True, default="")),
                ("by", models.CharField(max_length=64)),
                ("happened_at", vigie.store.fields.MomentField()),
                ("at", vigie.store.fields.MomentField()),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="store.searchday",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Record of a search, line by line",
            },
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("basis", models.TextField()),
                ("begins_at", vigie.store.fields.MomentField()),
                ("ends_at", vigie.store.fields.MomentField()),
                ("entered_by", models.CharField(max_length=64)),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("informed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="silences",
                        to="store.order",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="silence",
                        to="store.record",
                    ),
                ),
                (
                    "renewed_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="store.silence",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Duties of silence",
            },
        ),
        migrations.CreateModel(
            name="TimeAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField(db_index=True)),
                ("authority", models.CharField(max_length=200)),
                ("token", models.BinaryField()),
                ("chain", models.TextField(blank=True, default="")),
                ("gen_time", vigie.store.fields.MomentField()),
                ("at", vigie.store.fields.MomentField()),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchor",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Time stamps on checkpoints",
            },
        ),
        migrations.CreateModel(
            name="VaultEpoch",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("lane", vigie.store.fields.CodeField(max_length=16)),
                ("recipients", models.JSONField()),
                ("created_at", vigie.store.fields.MomentField()),
                ("rotated_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("destroyed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="epoch",
                        to="store.record",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Epochs of the vault's keys, public parts",
            },
        ),
        migrations.AddField(
            model_name="evidence",
            name="epoch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="store.vaultepoch",
            ),
        ),
        migrations.CreateModel(
            name="VaultGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("ticket", models.CharField(blank=True, default="", max_length=100)),
                ("purpose", vigie.store.fields.CodeField(default="look", max_length=16)),
                ("stepped_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("second_stepped_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("granted_at", vigie.store.fields.MomentField()),
                ("expires_at", vigie.store.fields.MomentField()),
                ("used_at", vigie.store.fields.MomentField(blank=True, null=True)),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="store.evidence",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="store.order",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.record",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Leaves to open evidence",
            },
        ),
        migrations.AddIndex(
            model_name="authoritycontact",
            index=models.Index(fields=["kind", "value"], name="contact_value"),
        ),
        migrations.AddIndex(
            model_name="authorityreport",
            index=models.Index(fields=["state", "next_try"], name="report_due"),
        ),
        migrations.AddIndex(
            model_name="custodyevent",
            index=models.Index(fields=["user", "kind", "at"], name="custody_user"),
        ),
        migrations.AddConstraint(
            model_name="matterlink",
            constraint=models.UniqueConstraint(
                fields=("matter", "kind", "target"), name="matter_link_once"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["state", "received_at"], name="order_state"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["form", "received_at"], name="order_form"),
        ),
        migrations.AddIndex(
            model_name="dutyclock",
            index=models.Index(fields=["state", "due_at"], name="clock_due"),
        ),
        migrations.AddIndex(
            model_name="dutyclock",
            index=models.Index(fields=["state", "next_alarm_at"], name="clock_alarm"),
        ),
        migrations.AddIndex(
            model_name="dutyclock",
            index=models.Index(fields=["subject", "number"], name="clock_subject"),
        ),
        migrations.AddIndex(
            model_name="orderlocation",
            index=models.Index(fields=["service", "item_id"], name="order_location_item"),
        ),
        migrations.AddConstraint(
            model_name="orderlocation",
            constraint=models.UniqueConstraint(
                fields=("order", "position"), name="order_location_once"
            ),
        ),
        migrations.AddIndex(
            model_name="silence",
            index=models.Index(fields=["ended_at", "ends_at"], name="silence_end"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["service", "item_id"], name="evidence_item"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["author"], name="evidence_author"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["shredded_at", "purge_at"], name="evidence_purge"),
        ),
    ]
