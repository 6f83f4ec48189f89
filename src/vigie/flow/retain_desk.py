# SPDX-License-Identifier: Apache-2.0
"""Terms of the desk's tables: orders, evidence, reports, matters, searches, outside proofs."""

from __future__ import annotations

from typing import Final

from vigie.flow import terms_desk
from vigie.flow.retain_rule import FOR_GOOD, Rule
from vigie.flow.vault import shred
from vigie.store import models as m

RULES: Final = (
    Rule(
        what="the sender directory",
        models=(m.Authority, m.AuthorityContact),
        why="to know who writes, and by what that is known",
        term="while it is used; a contact: three years after it was withdrawn",
        redaction="address and source of a withdrawn contact are blanked; who entered and who "
        "checked it stay",
        enforce=terms_desk.contacts,
    ),
    Rule(
        what="orders, requests and referrals of authorities",
        models=(
            m.Order,
            m.OrderDocument,
            m.OrderLocation,
            m.OrderData,
            m.OrderLetter,
            m.OrderProof,
            m.EmergencyRelease,
        ),
        why="to show what was asked, what was answered and on what basis",
        term="three years after they were closed; a hold on what they name keeps them",
        redaction="words, accounts, addresses, letters and documents are blanked; form, "
        "authority, reference, proofs, releases, outcome and times stay",
        enforce=terms_desk.orders,
    ),
    Rule(
        what="duties of silence and clocks of duties",
        models=(m.Silence, m.DutyClock),
        why="to show that what was due was done, and when people were told",
        term=FOR_GOOD,
        redaction="none: they hold times and bases, no personal data of the public",
    ),
    Rule(
        what="sealed evidence",
        models=(m.Evidence,),
        why="duties and orders to preserve (Art. 6 Reg. (EU) 2021/784, 18 U.S.C. 2258A(h)), "
        "defence of claims (Art. 17(3)(e) GDPR)",
        term="each by its rule in `evidence.terms`: not before its minimum, at the latest at its "
        "maximum, unless a hold stands",
        redaction="the wrapped key is deleted: the bytes say nothing any more and go; hashes and "
        "facts are blanked; that it was sealed and shredded stays provable",
        enforce=shred.expire,
    ),
    Rule(
        what="leaves to open evidence",
        models=(m.VaultGrant,),
        why="so that evidence is opened once, by whom it was granted to",
        term="90 days after their end",
        redaction="the row is deleted; the custody event stays",
        enforce=terms_desk.grants,
    ),
    Rule(
        what="custody of evidence, epochs of the vault's keys, packages that left",
        models=(m.CustodyEvent, m.VaultEpoch, m.CustodyBasis, m.EvidencePackage),
        why="to show who had what in hands, and why",
        term=FOR_GOOD,
        redaction="none: they name people of the operator by role, never the public",
    ),
    Rule(
        what="reports to authorities",
        models=(m.AuthorityReport, m.ReportFile),
        why="to show that what was owed was reported (Art. 18 DSA, 18 U.S.C. 2258A)",
        term="after the receipt: a CyberTipline report one year, others three years",
        redaction="words, hashes and addresses are blanked; number, receipt and times stay",
        enforce=terms_desk.reports,
    ),
    Rule(
        what="matter files",
        models=(
            m.Matter,
            m.MatterEntry,
            m.MatterText,
            m.MatterDocument,
            m.MatterLink,
            m.PrivilegedNote,
        ),
        why="to answer in proceedings with one voice (Art. 17(3)(e) GDPR)",
        term="ten years after the proceeding was closed",
        redaction="entries, texts and documents are blanked, privileged notes deleted; title, "
        "reference and times stay",
        enforce=terms_desk.matters,
    ),
    Rule(
        what="records of searches",
        models=(m.SearchDay, m.SearchEntry, m.OfficerAccess, m.OfficerView),
        why="to show what was seen and taken on the day of a search",
        term="ten years after it was closed",
        redaction="names, scope and notes are blanked; serial numbers, hashes, seals and times "
        "stay",
        enforce=terms_desk.searches,
    ),
    Rule(
        what="time stamps and cosignatures of checkpoints",
        models=(m.TimeAnchor, m.Cosignature),
        why="to show when the log stood as it stands",
        term=FOR_GOOD,
        redaction="none: they hold no personal data",
    ),
    Rule(
        what="witnesses and time-stamp authorities that do not answer",
        models=(m.Unreached,),
        why="to say what is missing, and to try again",
        term="until they answer; at the latest a year after the last try",
        redaction="the row is deleted",
        enforce=terms_desk.unreached,
    ),
)
