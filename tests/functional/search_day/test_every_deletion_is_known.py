# SPDX-License-Identifier: Apache-2.0
"""Every place of the program that deletes stands in this table, with what a search does to it.

The test reads the program itself: a new deletion fails here until somebody has
said why it stops while a search stands, or why it may go on.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parents[3] / "src/vigie"
GONE: Final = frozenset({"delete", "unlink", "rmtree", "rmdir", "shred", "redact"})

STOPS: Final = {
    "api/erase.py:erase_item": "the one deletion function refuses",
    "api/erase.py:erase_author": "the one deletion function refuses",
    "console/views/search.py:change": "as flow/search/saved.py",
    "flow/deletion.py:expire": "asks in its transaction",
    "flow/deletion.py:_delete": "its callers ask",
    "flow/deletion.py:redact": "its callers ask",
    "flow/fold/archive.py:Archiver._drop_orphans": "asks",
    "flow/packages/handed.py:hand_over": "asks; the file stays",
    "flow/queues/claims.py:forget_watches": "asks",
    "flow/queues/manage.py:delete_rule": "refuses",
    "flow/sealed.py:erase_sealed": "only what `expire` blanked",
    "flow/sealed.py:_sweep": "asks",
    "flow/search/saved.py:delete": "refuses",
    "flow/snapshot_sweep.py:sweep": "asks",
    "flow/snapshot_sweep.py:_remove_parts": "as `sweep`",
    "flow/strikes/weights.py:unset_weight": "refuses",
    "flow/terms.py:segments": "asks",
    "flow/terms_desk.py:_files": "only what `expire` blanked",
    "flow/vault/shred.py:_remove": "only what `expire` shredded, and asks for what a crash left",
    "jobs/purge.py:finish": "the one deletion function refuses first",
    "journal/reader.py:remove": "`jobs.folding.Folding.forget` asks",
    "store/append_only.py:AppendOnlyQuerySet.shred": "the deletion function's own",
    "vault/identities.py:destroy": "`vault.epochs.destroy` refuses",
}
GOES_ON: Final = {
    "api/webhooks.py:remove": "an address of the platform, by the platform's own key; recorded",
    "cli/vault_records.py:open_record": "a file that the command itself began",
    "console/views/account.py:end_sessions": "one's own session: a matter of security",
    "console/views/account.py:disconnect": "one's own sign-in: a matter of security",
    "evidence/outgoing.py:_whole": "a draft that the command itself began",
    "evidence/spool.py:Spool.close": "a scratch folder of its own",
    "flow/accounts.py:close_sessions": "sessions: a matter of security; recorded",
    "flow/anchoring/unreached.py:reached": "a counter of tries",
    "flow/backup/pack.py:make": "a draft that the command itself began",
    "flow/backup/pack.py:_scratch": "a scratch folder of its own",
    "flow/backup/pack.py:_write": "a draft that the command itself began",
    "flow/backup/unpack.py:unpack": "an empty folder on the new machine",
    "flow/backup/unpack.py:_staging": "a scratch folder of its own",
    "flow/child_items.py:take_along": "a class is set: the item leaves all lists; nothing goes",
    "flow/factors.py:reset": "second factors: a matter of security; recorded",
    "flow/gateway/upstreams.py:remove": "a key of the operator's own at a provider; recorded",
    "flow/gateway/upstreams.py:_write": "as `remove`",
    "flow/orders/apply.py:places": "read again from the order's document, which stays",
    "flow/orders/apply.py:data": "read again from the order's document, which stays",
    "flow/queues/claims.py:stop_watching": "who looks at this moment",
    "flow/queues/manage.py:set_member": "who is given which queue; recorded",
    "flow/queues/moves.py:come_back": "a pause that a person ends",
    "flow/snapshot_index.py:build": "a draft of its own",
    "flow/snapshots.py:_publish": "what was done is no longer to be done",
    "flow/strikes/weights.py:set_ladder": "written anew in the same transaction; recorded",
    "flow/vault/adopt.py:_adopt": "bytes that are in the vault now, or were there before",
    "journal/archive.py:SegmentWriter.drop": "a draft of its own",
    "journal/file.py:create": "a draft of its own",
    "ledger/state.py:LogState._set_aside": "a marker of its own",
    "ledger/trim.py:remove_partials": "partial tiles that a full one holds",
    "ledger/trim.py:_trim_tile": "partial tiles that a full one holds",
    "screening/matching/files.py:write": "a draft of its own",
    "screening/snapshot_files.py:adopt_folder": "a part that is there already",
    "vault/server.py:serve": "its socket",
    "vault/server.py:_listening": "a dead socket",
    "web/shared_cache.py:SharedCache.add": "a cache",
    "web/shared_cache.py:SharedCache.delete": "a cache",
    "web/shared_cache.py:SharedCache.clear": "a cache",
}


def deletions() -> set[str]:
    """Return `file:function` of every call that takes something away."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            _Walk(path.relative_to(SOURCE).as_posix(), found).visit(ast.parse(path.read_text()))
    return found


class _Walk(ast.NodeVisitor):
    """Knows in which function it is."""

    def __init__(self, file: str, found: set[str]) -> None:
        self._file, self._found, self._names = file, found, [""]

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._names.append(f"{self._names[-1]}.{node.name}".lstrip("."))
        self.generic_visit(node)
        self._names.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _enter  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in GONE:
            self._found.add(f"{self._file}:{self._names[-1]}")
        self.generic_visit(node)


def test_every_deletion_of_the_program_is_known() -> None:
    assert deletions() - set(STOPS) - set(GOES_ON) == set()


def test_the_table_names_nothing_that_is_no_more() -> None:
    assert (set(STOPS) | set(GOES_ON)) - deletions() == set()
    assert not set(STOPS) & set(GOES_ON)
