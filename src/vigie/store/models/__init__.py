# SPDX-License-Identifier: Apache-2.0
"""All tables, one file per subject."""

from vigie.store.models.access import ApiKey, ApiScope
from vigie.store.models.accounts import User
from vigie.store.models.archive import FoldConsumer, FoldPosition, HourKey, Segment
from vigie.store.models.banks import Bank, BankEntry, Opinion, Stance
from vigie.store.models.cases import Case, CaseState, Queue
from vigie.store.models.decisions import (
    DecidedMedia,
    DecisionKind,
    DecisionRecord,
    IdempotencyRow,
    ItemContent,
)
from vigie.store.models.effects import Confirmation, Effect, EffectState
from vigie.store.models.erasure import Erasure, ErasureSubject, Hold, PendingPurge
from vigie.store.models.ledger import (
    BrokenPromise,
    LogEntry,
    PublishedCheckpoint,
    Record,
    RecordKey,
)
from vigie.store.models.lists import DomainList, LexiconVersion
from vigie.store.models.policies import Evaluation, PolicyRecord, PolicyState, PolicyVersion
from vigie.store.models.snapshots import DirtyPart, SnapshotPart, SnapshotRow
from vigie.store.models.statements import Statement, StatementState
from vigie.store.models.tasks import OutgoingTask, TaskKind, TaskState, WebhookEndpoint

__all__ = [
    "ApiKey",
    "ApiScope",
    "Bank",
    "BankEntry",
    "BrokenPromise",
    "Case",
    "CaseState",
    "Confirmation",
    "DecidedMedia",
    "DecisionKind",
    "DecisionRecord",
    "DirtyPart",
    "DomainList",
    "Effect",
    "EffectState",
    "Erasure",
    "ErasureSubject",
    "Evaluation",
    "FoldConsumer",
    "FoldPosition",
    "Hold",
    "HourKey",
    "IdempotencyRow",
    "ItemContent",
    "LexiconVersion",
    "LogEntry",
    "Opinion",
    "OutgoingTask",
    "PendingPurge",
    "PolicyRecord",
    "PolicyState",
    "PolicyVersion",
    "PublishedCheckpoint",
    "Queue",
    "Record",
    "RecordKey",
    "Segment",
    "SnapshotPart",
    "SnapshotRow",
    "Stance",
    "Statement",
    "StatementState",
    "TaskKind",
    "TaskState",
    "User",
    "WebhookEndpoint",
]
