# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
import vigie.store.fields
import vigie.store.models.appeals
import vigie.store.models.cases
import vigie.store.models.intimate
import vigie.store.models.notices
import vigie.store.models.people
import vigie.store.models.strikes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_records_of_each_restriction"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("by", vigie.store.fields.CodeField(max_length=16)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.appeals.AppealState["LODGED"], max_length=16
                    ),
                ),
                ("first_decider", models.CharField(blank=True, default="", max_length=64)),
                ("grounds", models.TextField(blank=True, default="")),
                ("hearing", models.BooleanField(default=False)),
                ("heard", models.TextField(blank=True, default="")),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("language", models.CharField(default="en", max_length=5)),
                ("channel", vigie.store.fields.CodeField(max_length=16)),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("received_at", vigie.store.fields.MomentField()),
                ("resolved_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("resolved_by", models.CharField(blank=True, default="", max_length=64)),
                ("answer", models.TextField(blank=True, default="")),
                ("reversed", models.JSONField(default=dict)),
                ("log_index", models.BigIntegerField()),
                ("receipt", models.JSONField(default=dict)),
            ],
            options={
                "db_table_comment": "Appeals",
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("note", models.TextField(blank=True, default="")),
                ("at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "What happened to cases",
            },
        ),
        migrations.CreateModel(
            name="CaseWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Who has a case open",
            },
        ),
        migrations.CreateModel(
            name="ContentLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("category", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("hard", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("at", vigie.store.fields.MomentField()),
                ("shown_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Looks at sensitive content",
            },
        ),
        migrations.CreateModel(
            name="DailyFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.IntegerField()),
                ("key", vigie.store.fields.CodeField(max_length=64)),
                ("number", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table_comment": "Decisions by day",
            },
        ),
        migrations.CreateModel(
            name="DecisionTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("value", models.CharField(blank=True, default="", max_length=200)),
                ("score", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Index of decisions for the search",
            },
        ),
        migrations.CreateModel(
            name="DeskSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("account", models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                "db_table_comment": "Sessions; no network address is kept",
            },
        ),
        migrations.CreateModel(
            name="DeskSetting",
            fields=[
                (
                    "key",
                    vigie.store.fields.CodeField(max_length=64, primary_key=True, serialize=False),
                ),
                ("value", models.JSONField()),
                ("changed_by", models.CharField(max_length=64)),
                ("changed_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Settings of the desk",
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=32)),
                ("version", models.PositiveIntegerField()),
                ("texts", models.JSONField()),
                ("published_by", models.CharField(max_length=64)),
                ("published_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Public texts, append-only",
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=100)),
                ("opened_at", vigie.store.fields.MomentField()),
                ("due_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("outcome", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("implemented", models.BooleanField(blank=True, null=True)),
                ("closed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("recorded_by", models.CharField(max_length=64)),
            ],
            options={
                "db_table_comment": "Disputes before out-of-court bodies",
            },
        ),
        migrations.CreateModel(
            name="DisputeBody",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("url", models.URLField(max_length=500)),
                ("languages", models.JSONField(default=list)),
                ("subjects", models.TextField(blank=True, default="")),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "db_table_comment": "Out-of-court dispute settlement bodies",
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("source", models.CharField(max_length=100)),
                ("external_id", vigie.store.fields.IdField(max_length=512)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("item_id", vigie.store.fields.IdField(blank=True, default="", max_length=512)),
                ("author", models.CharField(blank=True, default="", max_length=64)),
                ("at", vigie.store.fields.MomentField()),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "db_table_comment": "History taken over from other tools",
            },
        ),
        migrations.CreateModel(
            name="LadderStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_kind", vigie.store.fields.CodeField(max_length=16)),
                ("points", models.PositiveSmallIntegerField()),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                ("days", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table_comment": "The ladder",
                "ordering": ["subject_kind", "points"],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("template", vigie.store.fields.CodeField(max_length=64)),
                ("language", models.CharField(max_length=5)),
                ("to", models.CharField(blank=True, default="", max_length=254)),
                ("context", models.JSONField(default=dict)),
                ("written_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Mails",
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_kind", vigie.store.fields.CodeField(max_length=16)),
                ("subject", models.CharField(db_index=True, max_length=64)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("kind", vigie.store.fields.CodeField(max_length=16)),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.strikes.MeasureState["PROPOSED"], max_length=16
                    ),
                ),
                ("points", models.PositiveIntegerField()),
                ("needed", models.PositiveIntegerField(default=0)),
                ("strikes", models.JSONField(default=list)),
                ("assessment", models.JSONField(default=dict)),
                ("proposed_at", vigie.store.fields.MomentField()),
                ("decided_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("decided_by", models.CharField(blank=True, default="", max_length=64)),
                ("reason", models.TextField(blank=True, default="")),
                ("until", vigie.store.fields.MomentField(blank=True, null=True)),
                ("lifted_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("content", models.JSONField(default=dict)),
                (
                    "token_digest",
                    models.CharField(blank=True, db_index=True, default="", max_length=64),
                ),
                ("token_expires_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Warnings and suspensions",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "kind",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.notices.NoticeKind["ILLEGAL"], max_length=16
                    ),
                ),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.notices.NoticeState["RECEIVED"], max_length=16
                    ),
                ),
                ("channel", vigie.store.fields.CodeField(max_length=16)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("category", vigie.store.fields.CodeField(max_length=64)),
                ("explanation", models.TextField(blank=True, default="")),
                ("good_faith", models.BooleanField(default=False)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("on_behalf", models.BooleanField(default=False)),
                ("under_age", models.BooleanField(default=False)),
                (
                    "notifier",
                    models.CharField(blank=True, db_index=True, default="", max_length=64),
                ),
                ("language", models.CharField(default="en", max_length=5)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("hashes", models.JSONField(default=list)),
                ("complete", models.BooleanField(default=False)),
                ("missing", models.JSONField(default=list)),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("fingerprint", models.CharField(db_index=True, max_length=64)),
                ("received_at", vigie.store.fields.MomentField()),
                ("decided_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("unfounded", models.BooleanField(default=False)),
                ("log_index", models.BigIntegerField()),
                ("receipt", models.JSONField(default=dict)),
            ],
            options={
                "db_table_comment": "Notices and reports under the terms",
            },
        ),
        migrations.CreateModel(
            name="NoticeDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("data", models.JSONField(default=dict)),
                ("expires_at", vigie.store.fields.MomentField(db_index=True)),
            ],
            options={
                "db_table_comment": "Unfinished notices; erased after a week",
            },
        ),
        migrations.CreateModel(
            name="NoticeItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("location", models.TextField()),
                ("item_id", vigie.store.fields.IdField(blank=True, default="", max_length=512)),
                ("outcome", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("decided_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Locations of notices",
            },
        ),
        migrations.CreateModel(
            name="PictureClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("notifier", models.CharField(blank=True, default="", max_length=64)),
                ("pdq", models.CharField(max_length=64)),
                ("turns", models.JSONField(default=list)),
                ("quality", models.PositiveSmallIntegerField()),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.intimate.ClaimState["ACTIVE"], max_length=16
                    ),
                ),
                ("at", vigie.store.fields.MomentField()),
                ("ends_at", vigie.store.fields.MomentField()),
                ("searched_to", models.BigIntegerField(default=0)),
                ("searched_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Hashes of notifiers: they find, they decide nothing",
            },
        ),
        migrations.CreateModel(
            name="PictureCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", vigie.store.fields.IdField(max_length=512)),
                ("item_id", vigie.store.fields.IdField(max_length=512)),
                ("version", models.BigIntegerField()),
                ("author", models.CharField(blank=True, default="", max_length=64)),
                ("surface", vigie.store.fields.CodeField(blank=True, default="", max_length=32)),
                ("language", models.CharField(blank=True, default="", max_length=16)),
                ("media", models.JSONField(default=list)),
                ("pdq", models.CharField(max_length=64)),
                ("distance", models.PositiveSmallIntegerField()),
                ("seen_at", vigie.store.fields.MomentField()),
                ("found_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Copies that notifiers' hashes found",
            },
        ),
        migrations.CreateModel(
            name="PictureSighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listed_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "New items near a notifier's hash, until jobs have listed them",
            },
        ),
        migrations.CreateModel(
            name="PolicyDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.CharField(max_length=100)),
                ("version", models.PositiveIntegerField()),
                ("state", vigie.store.fields.CodeField(max_length=64)),
                ("day", models.BigIntegerField()),
                ("fired", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table_comment": "How often versions of policies fired, by day",
            },
        ),
        migrations.CreateModel(
            name="QueueMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "db_table_comment": "Members of restricted queues",
            },
        ),
        migrations.CreateModel(
            name="QueuePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Queues that somebody has left for a while",
            },
        ),
        migrations.CreateModel(
            name="RateBucket",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("tokens", models.FloatField()),
                ("at", vigie.store.fields.MomentField(db_index=True)),
            ],
            options={
                "db_table_comment": "Rate limits of the public forms",
            },
        ),
        migrations.CreateModel(
            name="RegisteredChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=32)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, default="")),
                ("digest", models.CharField(max_length=64)),
                ("effective_at", vigie.store.fields.MomentField()),
                ("registered_by", models.CharField(max_length=64)),
                ("registered_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Registered changes of systems",
            },
        ),
        migrations.CreateModel(
            name="ReviewQueue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", vigie.store.fields.CodeField(max_length=32, unique=True)),
                ("title", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True, default="")),
                ("restricted", models.BooleanField(default=False)),
                ("hardness", models.PositiveSmallIntegerField(default=0)),
                ("aim_minutes", models.PositiveIntegerField(default=1440)),
                ("position", models.PositiveIntegerField(default=100)),
                ("two_persons", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "db_table_comment": "Queues",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=100)),
                ("expression", models.TextField()),
                ("priority", models.PositiveSmallIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("created_by", models.CharField(default="", max_length=64)),
            ],
            options={
                "db_table_comment": "Routing rules",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("target", vigie.store.fields.CodeField(max_length=16)),
                ("expression", models.TextField()),
                ("shared", models.BooleanField(default=False)),
                ("created_at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Saved searches",
            },
        ),
        migrations.CreateModel(
            name="SealedFile",
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
                ("matched", models.BooleanField(default=False)),
                ("met", vigie.store.fields.CodeField(blank=True, default="", max_length=64)),
                ("file", models.CharField(blank=True, default="", max_length=200)),
                ("wrapped_key", models.TextField(blank=True, default="")),
                ("at", vigie.store.fields.MomentField()),
            ],
            options={
                "db_table_comment": "Sealed attachments of notices",
            },
        ),
        migrations.CreateModel(
            name="SecondPersonRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", vigie.store.fields.CodeField(max_length=64)),
                ("payload", models.JSONField(default=dict)),
                ("summary", models.CharField(max_length=300)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.people.SecondPersonState["WAITING"],
                        max_length=16,
                    ),
                ),
                ("asked_at", vigie.store.fields.MomentField()),
                ("decided_at", vigie.store.fields.MomentField(blank=True, null=True)),
            ],
            options={
                "db_table_comment": "Acts that need a second person",
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", vigie.store.fields.MomentField()),
                ("ended_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("paused_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("paused_ms", models.BigIntegerField(default=0)),
                ("resumed_at", vigie.store.fields.MomentField(default=0)),
                ("seen_at", vigie.store.fields.MomentField(default=0)),
                ("granted", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table_comment": "Shifts",
            },
        ),
        migrations.CreateModel(
            name="Strike",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_kind", vigie.store.fields.CodeField(max_length=16)),
                ("subject", models.CharField(max_length=64)),
                ("service", vigie.store.fields.IdField(default="default", max_length=512)),
                ("policy", models.CharField(max_length=100)),
                ("weight", models.PositiveSmallIntegerField()),
                ("notice_number", models.BigIntegerField(blank=True, null=True)),
                ("at", vigie.store.fields.MomentField()),
                ("expires_at", vigie.store.fields.MomentField()),
                (
                    "state",
                    vigie.store.fields.CodeField(
                        default=vigie.store.models.strikes.StrikeState["ACTIVE"], max_length=16
                    ),
                ),
                ("reversed_at", vigie.store.fields.MomentField(blank=True, null=True)),
                ("asserted", models.BooleanField(default=False)),
            ],
            options={
                "db_table_comment": "Strikes",
            },
        ),
        migrations.CreateModel(
            name="StrikeWeight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy", models.CharField(max_length=100, unique=True)),
                ("weight", models.PositiveSmallIntegerField(default=1)),
                ("days", models.PositiveIntegerField(default=180)),
            ],
            options={
                "db_table_comment": "Weights of strikes by policy",
            },
        ),
        migrations.CreateModel(
            name="TrustedFlagger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("source", models.TextField()),
                ("valid_from", vigie.store.fields.MomentField()),
                ("valid_until", vigie.store.fields.MomentField(blank=True, null=True)),
                ("created_by", models.CharField(max_length=64)),
            ],
            options={
                "db_table_comment": "Trusted flaggers",
            },
        ),
        migrations.RemoveIndex(
            model_name="decisionrecord",
            name="decision_author",
        ),
        migrations.RenameIndex(
            model_name="case",
            new_name="case_age",
            old_name="case_open",
        ),
        migrations.AddField(
            model_name="case",
            name="assigned_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="assignments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="category",
            field=vigie.store.fields.CodeField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="case",
            name="claimed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="claims",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="claimed_until",
            field=vigie.store.fields.MomentField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="clock",
            field=vigie.store.fields.CodeField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="case",
            name="due_at",
            field=vigie.store.fields.MomentField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="escalated_at",
            field=vigie.store.fields.MomentField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="hard",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="kind",
            field=vigie.store.fields.CodeField(
                default=vigie.store.models.cases.CaseKind["PROPOSAL"], max_length=16
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="language",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="case",
            name="priority",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="routed_at",
            field=vigie.store.fields.MomentField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="trusted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="decidedmedia",
            name="pdq",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="itemcontent",
            name="media_urls",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="itemcontent",
            name="text_key",
            field=models.CharField(blank=True, db_index=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="itemcontent",
            name="url_key",
            field=models.CharField(blank=True, db_index=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="pendingpurge",
            name="besides",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="user",
            name="barred",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="user",
            name="languages",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="user",
            name="mask_words",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="number",
            field=models.PositiveIntegerField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="user",
            name="own_figures",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="case",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="store.decisionrecord",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="queue",
            field=vigie.store.fields.CodeField(
                default=vigie.store.models.cases.Queue["GENERAL"], max_length=32
            ),
        ),
        migrations.AlterField(
            model_name="decidedmedia",
            name="sha256",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["state", "queue", "-trusted", "-priority", "due_at", "id"],
                name="case_order",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["state", "queue", "category", "-trusted", "-priority", "due_at", "id"],
                name="case_category",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "queue", "due_at"], name="case_queue_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "due_at"], name="case_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "routed_at"], name="case_routed"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["state", "closed_at", "due_at", "hard", "queue"], name="case_closed"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["claimed_by", "state"], name="case_claimed"),
        ),
        migrations.AddIndex(
            model_name="decisionrecord",
            index=models.Index(
                fields=["author", "-number"],
                name="decision_author",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrecord",
            index=models.Index(
                fields=["item_id"], name="decision_item_begins", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrecord",
            index=models.Index(
                condition=models.Q(("cls", "child")), fields=["item_id"], name="decision_child"
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrecord",
            index=models.Index(
                fields=[
                    "-number",
                    "cls",
                    "outcome",
                    "kind",
                    "surface",
                    "language",
                    "service",
                    "version",
                    "sample",
                    "superseded_by",
                    "at",
                    "author",
                    "decided_by",
                ],
                name="decision_search",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingtask",
            index=models.Index(fields=["kind", "state", "done_at"], name="task_receipts"),
        ),
        migrations.AddIndex(
            model_name="statement",
            index=models.Index(fields=["state", "issued_at"], name="statement_issued"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "appeal"), _negated=True),
                fields=("decision", "kind"),
                name="case_of_decision_once",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="store.case"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="outcome_decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="record",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeal",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="caseevent",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="store.case"
            ),
        ),
        migrations.AddField(
            model_name="caseevent",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="casewatch",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="watches", to="store.case"
            ),
        ),
        migrations.AddField(
            model_name="casewatch",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contentlook",
            name="case",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="looks",
                to="store.case",
            ),
        ),
        migrations.AddField(
            model_name="contentlook",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="looks",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="contentlook",
            name="record",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="look",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="contentlook",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="looks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyfigure",
            constraint=models.UniqueConstraint(fields=("day", "key"), name="daily_figure_once"),
        ),
        migrations.AddField(
            model_name="decisiontag",
            name="decision",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tags",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="disclosure",
            name="record",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosure",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="appeal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="store.appeal",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="body",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disputes",
                to="store.disputebody",
            ),
        ),
        migrations.AddField(
            model_name="importedrecord",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="imported",
                to="store.record",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderstep",
            constraint=models.UniqueConstraint(
                fields=("subject_kind", "points"), name="ladder_step_once"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="appeal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letters",
                to="store.appeal",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="task",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letter",
                to="store.outgoingtask",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="record",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="measure",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="measure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="store.measure",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="record",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notice",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="notice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letters",
                to="store.notice",
            ),
        ),
        migrations.AddField(
            model_name="noticeitem",
            name="case",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notice_items",
                to="store.case",
            ),
        ),
        migrations.AddField(
            model_name="noticeitem",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="noticeitem",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="store.notice"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="notice_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="store.noticeitem",
            ),
        ),
        migrations.AddField(
            model_name="pictureclaim",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="claims",
                to="store.notice",
            ),
        ),
        migrations.AddField(
            model_name="picturecopy",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="picturecopy",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="copies",
                to="store.notice",
            ),
        ),
        migrations.AddField(
            model_name="picturecopy",
            name="notice_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="store.noticeitem",
            ),
        ),
        migrations.AddField(
            model_name="picturesighting",
            name="decision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sighting",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyday",
            constraint=models.UniqueConstraint(
                fields=("policy", "version", "state", "day"), name="policy_day_once"
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="queuepause",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pauses",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="registeredchange",
            name="record",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="change",
                to="store.record",
            ),
        ),
        migrations.AddField(
            model_name="queuepause",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pauses",
                to="store.reviewqueue",
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="store.reviewqueue",
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="store.reviewqueue",
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="searches",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sealedfile",
            name="notice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="store.notice",
            ),
        ),
        migrations.AddField(
            model_name="secondpersonrequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="secondpersonrequest",
            name="asked_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="secondpersonrequest",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="granted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shifts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="strike",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="strikes",
                to="store.decisionrecord",
            ),
        ),
        migrations.AddField(
            model_name="trustedflagger",
            name="key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flaggers",
                to="store.apikey",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="flagger",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="store.trustedflagger",
            ),
        ),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(fields=["case", "at"], name="case_event_case"),
        ),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(fields=["user", "kind", "at"], name="case_event_user"),
        ),
        migrations.AddConstraint(
            model_name="casewatch",
            constraint=models.UniqueConstraint(fields=("case", "user"), name="case_watch_once"),
        ),
        migrations.AddIndex(
            model_name="contentlook",
            index=models.Index(fields=["user", "kind", "at"], name="look_user"),
        ),
        migrations.AddIndex(
            model_name="decisiontag",
            index=models.Index(
                fields=["decision", "kind", "value", "score"], name="tag_of_decision"
            ),
        ),
        migrations.AddIndex(
            model_name="decisiontag",
            index=models.Index(
                fields=["kind", "value", "score", "decision"],
                name="tag_value",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops", "int8_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(
                fields=("kind", "version"), name="disclosure_version_once"
            ),
        ),
        migrations.AddIndex(
            model_name="importedrecord",
            index=models.Index(fields=["author"], name="imported_author"),
        ),
        migrations.AddIndex(
            model_name="importedrecord",
            index=models.Index(fields=["service", "item_id"], name="imported_item"),
        ),
        migrations.AddConstraint(
            model_name="importedrecord",
            constraint=models.UniqueConstraint(
                fields=("kind", "source", "external_id"), name="imported_once"
            ),
        ),
        migrations.AddIndex(
            model_name="measure",
            index=models.Index(fields=["state", "proposed_at"], name="measure_state"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["to"], name="letter_to"),
        ),
        migrations.AddIndex(
            model_name="noticeitem",
            index=models.Index(fields=["item_id"], name="notice_item_item"),
        ),
        migrations.AddConstraint(
            model_name="noticeitem",
            constraint=models.UniqueConstraint(
                fields=("notice", "position"), name="notice_item_once"
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["state", "received_at"], name="appeal_state"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["state", "resolved_at"], name="appeal_resolved"),
        ),
        migrations.AddIndex(
            model_name="pictureclaim",
            index=models.Index(fields=["state", "pdq"], name="claim_state_pdq"),
        ),
        migrations.AddIndex(
            model_name="pictureclaim",
            index=models.Index(fields=["notifier", "at"], name="claim_notifier"),
        ),
        migrations.AddConstraint(
            model_name="pictureclaim",
            constraint=models.UniqueConstraint(fields=("notice", "pdq"), name="claim_once"),
        ),
        migrations.AddIndex(
            model_name="picturecopy",
            index=models.Index(fields=["notice", "distance", "id"], name="copy_of_notice"),
        ),
        migrations.AddConstraint(
            model_name="picturecopy",
            constraint=models.UniqueConstraint(
                fields=("notice", "service", "item_id"), name="copy_once"
            ),
        ),
        migrations.AddIndex(
            model_name="picturesighting",
            index=models.Index(fields=["listed_at"], name="sighting_listed"),
        ),
        migrations.AddConstraint(
            model_name="queuepause",
            constraint=models.UniqueConstraint(fields=("queue", "user"), name="queue_pause_once"),
        ),
        migrations.AddConstraint(
            model_name="queuemember",
            constraint=models.UniqueConstraint(fields=("queue", "user"), name="queue_member_once"),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(fields=("owner", "name"), name="saved_search_once"),
        ),
        migrations.AddIndex(
            model_name="secondpersonrequest",
            index=models.Index(fields=["state", "asked_at"], name="second_state"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["user", "-started_at"], name="shift_user"),
        ),
        migrations.AddIndex(
            model_name="strike",
            index=models.Index(fields=["subject", "subject_kind", "state"], name="strike_subject"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["state", "received_at"], name="notice_state"),
        ),
    ]
