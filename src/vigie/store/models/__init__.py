# SPDX-License-Identifier: Apache-2.0
"""All tables, one file per subject."""

from __future__ import annotations

from vigie.store.models.access import ApiKey, ApiScope
from vigie.store.models.accounts import DeskSession, User
from vigie.store.models.appeals import Appeal, AppealBy, AppealState, Dispute, DisputeBody
from vigie.store.models.archive import FoldConsumer, FoldPosition, HourKey, Segment
from vigie.store.models.banks import Bank, BankEntry, Opinion, Stance
from vigie.store.models.cases import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseKind,
    CaseState,
    CaseWatch,
    Queue,
    QueueMember,
    QueuePause,
    ReviewQueue,
    RoutingRule,
)
from vigie.store.models.decisions import (
    DecidedMedia,
    DecisionKind,
    DecisionRecord,
    IdempotencyRow,
    ItemContent,
)
from vigie.store.models.effects import Confirmation, Effect, EffectState
from vigie.store.models.erasure import Erasure, ErasureSubject, Hold, PendingPurge
from vigie.store.models.intimate import ClaimState, PictureClaim, PictureCopy, PictureSighting
from vigie.store.models.ledger import (
    BrokenPromise,
    LogEntry,
    PublishedCheckpoint,
    Record,
    RecordKey,
)
from vigie.store.models.letters import Letter
from vigie.store.models.lists import DomainList, LexiconVersion
from vigie.store.models.notices import (
    Notice,
    NoticeDraft,
    NoticeItem,
    NoticeKind,
    NoticeState,
    RateBucket,
    SealedFile,
    TrustedFlagger,
)
from vigie.store.models.people import (
    ContentLook,
    DecisionTag,
    DeskSetting,
    LookKind,
    SavedSearch,
    SecondPersonRequest,
    SecondPersonState,
    Shift,
)
from vigie.store.models.policies import (
    Evaluation,
    PolicyDay,
    PolicyRecord,
    PolicyState,
    PolicyVersion,
)
from vigie.store.models.public import (
    ChangeKind,
    Disclosure,
    DisclosureKind,
    HistoryKind,
    ImportedRecord,
    RegisteredChange,
)
from vigie.store.models.snapshots import DirtyPart, SnapshotPart, SnapshotRow
from vigie.store.models.statements import Statement, StatementState
from vigie.store.models.strikes import (
    LadderStep,
    Measure,
    MeasureKind,
    MeasureState,
    Strike,
    StrikeState,
    StrikeWeight,
    SubjectKind,
)
from vigie.store.models.tasks import OutgoingTask, TaskKind, TaskState, WebhookEndpoint

__all__ = [
    "ApiKey",
    "ApiScope",
    "Appeal",
    "AppealBy",
    "AppealState",
    "Bank",
    "BankEntry",
    "BrokenPromise",
    "Case",
    "CaseEvent",
    "CaseEventKind",
    "CaseKind",
    "CaseState",
    "CaseWatch",
    "ChangeKind",
    "ClaimState",
    "Confirmation",
    "ContentLook",
    "DecidedMedia",
    "DecisionKind",
    "DecisionRecord",
    "DecisionTag",
    "DeskSession",
    "DeskSetting",
    "DirtyPart",
    "Disclosure",
    "DisclosureKind",
    "Dispute",
    "DisputeBody",
    "DomainList",
    "Effect",
    "EffectState",
    "Erasure",
    "ErasureSubject",
    "Evaluation",
    "FoldConsumer",
    "FoldPosition",
    "HistoryKind",
    "Hold",
    "HourKey",
    "IdempotencyRow",
    "ImportedRecord",
    "ItemContent",
    "LadderStep",
    "Letter",
    "LexiconVersion",
    "LogEntry",
    "LookKind",
    "Measure",
    "MeasureKind",
    "MeasureState",
    "Notice",
    "NoticeDraft",
    "NoticeItem",
    "NoticeKind",
    "NoticeState",
    "Opinion",
    "OutgoingTask",
    "PendingPurge",
    "PictureClaim",
    "PictureCopy",
    "PictureSighting",
    "PolicyDay",
    "PolicyRecord",
    "PolicyState",
    "PolicyVersion",
    "PublishedCheckpoint",
    "Queue",
    "QueueMember",
    "QueuePause",
    "RateBucket",
    "Record",
    "RecordKey",
    "RegisteredChange",
    "ReviewQueue",
    "RoutingRule",
    "SavedSearch",
    "SealedFile",
    "SecondPersonRequest",
    "SecondPersonState",
    "Segment",
    "Shift",
    "SnapshotPart",
    "SnapshotRow",
    "Stance",
    "Statement",
    "StatementState",
    "Strike",
    "StrikeState",
    "StrikeWeight",
    "SubjectKind",
    "TaskKind",
    "TaskState",
    "TrustedFlagger",
    "User",
    "WebhookEndpoint",
]
