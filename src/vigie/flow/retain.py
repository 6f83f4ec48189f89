# SPDX-License-Identifier: Apache-2.0
"""What is kept, why, how long, and how it is redacted: one registry over all tables.

A table without a rule fails a test. Terms are enforced through the deletion
function, which asks the holds first.
"""

from __future__ import annotations

from typing import Final

from vigie.flow import retain_desk, retain_gateway, sealed, terms, terms_people
from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.retain_rule import FOR_GOOD as _FOR_GOOD
from vigie.flow.retain_rule import Rule
from vigie.store import models as m

RULES: Final = (
    Rule(
        what="text and author of items with a decision",
        models=(m.ItemContent,),
        why="to decide, to tell the author, to hear a complaint (Art. 17, 20 DSA)",
        term="with a restriction: until six months after the last decision; without a finding: "
        "deleted when the case closes; sample: 30 days",
        redaction="the row is deleted",
        enforce=terms.contents,
    ),
    Rule(
        what="hashes, pseudonyms and reasons in decisions",
        models=(m.DecisionRecord,),
        why="to find the same file again, to hear a complaint (Art. 20 DSA)",
        term="without a restriction: 90 days; with one: until the appeal window after the last "
        "decision and any hold end (VIGIE_STATEMENT_DAYS); the decision's skeleton for good",
        redaction="they are blanked and the record's key is deleted; name, time, outcome, ground "
        "stay",
        enforce=terms.hashes,
    ),
    Rule(
        what="keys of records",
        models=(m.RecordKey,),
        why="to open an entry of the log",
        term="as long as the record's content",
        redaction="the row is deleted: the entry proves on and says nothing",
    ),
    Rule(
        what="records and log entries",
        models=(m.Record, m.LogEntry, m.PublishedCheckpoint, m.BrokenPromise, m.Erasure),
        why="what was recorded must stand unchanged",
        term=_FOR_GOOD,
        redaction="none needed: personal values stand as commitments, entries are salted",
    ),
    Rule(
        what="archive segments and the hourly keys of harmless decisions",
        models=(m.Segment, m.HourKey),
        why="proof of harmless decisions, reports, audits",
        term="VIGIE_ARCHIVE_DAYS (90 days)",
        redaction="the file and the keys are deleted; count and root stay; a segment that holds "
        "something under a hold stays whole",
        enforce=terms.segments,
    ),
    Rule(
        what="cases, tags of decisions and their effects",
        models=(m.Case, m.Effect, m.Confirmation, m.DecisionTag),
        why="to know what waits and what was done",
        term=_FOR_GOOD,
        redaction="facts of class `child` and tags of hashes go with the decision's hashes",
    ),
    Rule(
        what="statements of reasons",
        models=(m.Statement,),
        why="owed to the person concerned (Art. 17 DSA)",
        term="the address works VIGIE_STATEMENT_DAYS (190 days); then the content goes",
        redaction="content and address are blanked; state and times stay",
        enforce=terms.statements,
    ),
    Rule(
        what="messages to the platform, letters and their receipts",
        models=(m.OutgoingTask, m.Letter),
        why="to show what was told, and when",
        term="90 days after the last attempt",
        redaction="the row is deleted",
        enforce=terms.tasks,
    ),
    Rule(
        what="limits of signing in, and codes already used",
        models=(m.CacheEntry,),
        why="so that guessing stays slow in every process",
        term="minutes",
        redaction="the row is deleted when another is written",
    ),
    Rule(
        what="idempotency keys",
        models=(m.IdempotencyRow,),
        why="so that nothing acts twice",
        term="48 hours",
        redaction="the row is deleted",
        enforce=terms.answers,
    ),
    Rule(
        what="positions of the fold, parts of the Snapshot that changed, erasures that wait",
        models=(m.FoldPosition, m.DirtyPart, m.PendingPurge),
        why="so that nothing is folded twice, built late or left over",
        term="until done",
        redaction="overwritten or deleted by `jobs`",
    ),
    Rule(
        what="policies, lexicons, link lists, evaluations, Snapshots",
        models=(
            m.PolicyRecord,
            m.PolicyVersion,
            m.PolicyDay,
            m.Evaluation,
            m.LexiconVersion,
            m.DomainList,
            m.SnapshotRow,
        ),
        why="to show by what a decision was made",
        term=_FOR_GOOD,
        redaction="none: they hold no personal data",
    ),
    Rule(
        what="hash lists and decided media",
        models=(m.Bank, m.BankEntry, m.Opinion, m.DecidedMedia),
        why="to find listed files again",
        term="until the owner withdraws them",
        redaction="withdrawn entries match no longer",
    ),
    Rule(
        what="numbers of decisions by day",
        models=(m.DailyFigure,),
        why="the overview of the responsible person, reports",
        term=_FOR_GOOD,
        redaction="none: they are counts",
    ),
    Rule(
        what="holds",
        models=(m.Hold,),
        why="a duty to keep, with owner, basis and review date",
        term=_FOR_GOOD,
        redaction="none: the basis must be shown afterwards",
    ),
    Rule(
        what="accounts, keys and webhooks",
        models=(m.User, m.ApiKey, m.WebhookEndpoint, m.TrustedFlagger),
        why="who may do what, and who did",
        term="until removed by the operator",
        redaction="keys are kept as digests only",
    ),
    Rule(
        what="sessions of the desk",
        models=(m.DeskSession,),
        why="to know who is signed in",
        term="at most 12 hours",
        redaction="the row is deleted; no network address is in it",
        enforce=terms_people.sessions,
    ),
    Rule(
        what="notices",
        models=(m.Notice, m.NoticeItem),
        why="to decide, to answer the notifier, to hear a complaint (Art. 16, 20 DSA)",
        term="six months after the decision (VIGIE_STATEMENT_DAYS)",
        redaction="name, mail, words, pseudonym and hashes are blanked; number, category and "
        "times stay",
        enforce=terms_people.notices,
    ),
    Rule(
        what="sealed attachments of notices",
        models=(m.SealedFile,),
        why="to decide a notice, to hear a complaint (Art. 16, 20 DSA)",
        term="as the notice; one whose notice never came: a day",
        redaction="the file's own key and the bytes are deleted; size, class of a match and time "
        "stay",
        enforce=sealed.expire,
    ),
    Rule(
        what="hashes that notifiers computed, and the copies that they found",
        models=(m.PictureClaim, m.PictureCopy, m.PictureSighting),
        why="to find copies of an intimate picture for the person concerned",
        term="30 days after the claim has ended: with the decision, at the latest after 90 days",
        redaction="the rows are deleted, and the hash with its list entry",
        enforce=claims.forget,
    ),
    Rule(
        what="unfinished notices",
        models=(m.NoticeDraft,),
        why="so that nothing typed is lost",
        term="a week after the last change",
        redaction="the row is deleted",
        enforce=terms_people.drafts,
    ),
    Rule(
        what="rate limits of the public forms",
        models=(m.RateBucket,),
        why="so that nobody floods the forms",
        term="two days",
        redaction="the row is deleted; it never held an address, only a digest keyed by the day",
        enforce=terms_people.buckets,
    ),
    Rule(
        what="complaints",
        models=(m.Appeal,),
        why="owed to authors and notifiers (Art. 20 DSA)",
        term="six months after the answer (VIGIE_STATEMENT_DAYS)",
        redaction="words, answer and mail are blanked; number, outcome and times stay",
        enforce=terms_people.appeals,
    ),
    Rule(
        what="out-of-court bodies and disputes",
        models=(m.DisputeBody, m.Dispute),
        why="to engage with them and to report (Art. 21, 24 DSA)",
        term=_FOR_GOOD,
        redaction="none: they hold references only",
    ),
    Rule(
        what="strikes",
        models=(m.Strike,),
        why="measures against misuse (Art. 23 DSA)",
        term="until they expire, and the complaint window after it",
        redaction="whose it was is blanked; policy, weight and times stay",
        enforce=terms_people.strikes,
    ),
    Rule(
        what="warnings and suspensions",
        models=(m.Measure,),
        why="measures against misuse, with their assessment (Art. 23 DSA)",
        term="the complaint window after their end",
        redaction="whose it was, its words and its statement are blanked",
        enforce=terms_people.measures,
    ),
    Rule(
        what="queues, routing rules, the ladder, settings and saved searches",
        models=(
            m.ReviewQueue,
            m.QueueMember,
            m.RoutingRule,
            m.StrikeWeight,
            m.LadderStep,
            m.DeskSetting,
            m.SavedSearch,
        ),
        why="how the desk works",
        term="until the operator changes them",
        redaction="none: they hold no personal data of the public",
    ),
    Rule(
        what="what happened to cases",
        models=(m.CaseEvent,),
        why="to show how a case was handled",
        term="remarks: six months after the case was closed",
        redaction="remarks are blanked; kind and time stay",
        enforce=terms_people.remarks,
    ),
    Rule(
        what="who has a case open, and who serves no queue for a while",
        models=(m.CaseWatch, m.QueuePause),
        why="so that two do not do the same work",
        term="a day",
        redaction="the row is deleted",
        enforce=terms_people.presence,
    ),
    Rule(
        what="shifts",
        models=(m.Shift,),
        why="to protect the people who look",
        term="90 days",
        redaction="the row is deleted",
        enforce=terms_people.shifts,
    ),
    Rule(
        what="acts of two persons",
        models=(m.SecondPersonRequest,),
        why="to show who agreed to what",
        term="six months after it was decided (VIGIE_STATEMENT_DAYS)",
        redaction="what was asked and why are blanked; kind, people and times stay",
        enforce=terms_people.second_persons,
    ),
    Rule(
        what="looks at sensitive content",
        models=(m.ContentLook,),
        why="to show who saw what",
        term=_FOR_GOOD,
        redaction="none: they name people of the operator, never the public",
    ),
    Rule(
        what="public texts and registered changes",
        models=(m.Disclosure, m.RegisteredChange),
        why="owed to the public, with their history (Art. 11 to 14, 27 DSA)",
        term=_FOR_GOOD,
        redaction="none: they are public",
    ),
    Rule(
        what="history taken over from other tools",
        models=(m.ImportedRecord,),
        why="so that a person who decides knows what others asserted",
        term="a year after it was taken over",
        redaction="whom and what it was about is blanked; kind, source and time stay",
        enforce=terms_people.imported,
    ),
    *retain_desk.RULES,
    *retain_gateway.RULES,
)


def registry() -> tuple[Rule, ...]:
    """Return every rule."""
    return RULES


def retain(house: House) -> dict[str, int]:
    """Enforce every term; return what was deleted, by rule."""
    return {rule.what: rule.enforce(house) for rule in RULES if rule.enforce is not None}
