# SPDX-License-Identifier: Apache-2.0
"""Make `vigie_verify.py`: the verifier's modules copied into one file.

`python -m vigie.ledger.verify.bundle OUT`. The text of each module is copied as
it stands; only the imports between them are left out, which is safe because no
two modules use one name for two things (checked here).
"""

from __future__ import annotations

import ast
import os
import sys
from typing import Dict, List, Set

_PACKAGE = "vigie.ledger.verify"
_MODULES = (
    "errors",
    "text",
    "canonical",
    "merkle",
    "ed25519",
    "notes",
    "checkpoints",
    "entries",
    "tiling",
    "policy",
    "proofs",
    "receipts",
    "logdir",
    "promises",
    "package_words",
    "findings",
    "zips",
    "shelves",
    "bags",
    "package_form",
    "views",
    "handled",
    "timestamps",
    "package_items",
    "package_times",
    "packages",
    "command",
)
_HEAD = '''\
#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vigie-verify in one file: Python 3.8 or newer, standard library only, no network.

Copied from the modules of vigie.ledger.verify, not rewritten. Read it, then run
`python3 -I vigie_verify.py --help`.
"""

from __future__ import annotations

import sys
'''
_TAIL = """

if __name__ == "__main__":
    sys.exit(main())
"""


def _source(name: str) -> str:
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, name + ".py"), encoding="utf-8") as file:
        return file.read()


def _is_dropped(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom):
        return False
    return node.module == "__future__" or (node.module or "").startswith(_PACKAGE)


def _defined(tree: ast.Module) -> Set[str]:
    names: Set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _copied(source: str, tree: ast.Module) -> str:
    """Return the text of a module without its imports of other modules."""
    lines: List[str] = source.splitlines()
    for node in tree.body:
        if _is_dropped(node):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines).strip("\n") + "\n"


def build() -> str:
    """Return the text of the single file."""
    parts = [_HEAD]
    owner: Dict[str, str] = {}
    for name in _MODULES:
        source = _source(name)
        tree = ast.parse(source)
        for defined in _defined(tree):
            if defined in owner:
                message = "{} is defined in {} and {}".format(defined, owner[defined], name)
                raise SystemExit(message)
            owner[defined] = name
        rule = "# " + "-" * 20 + " vigie/ledger/verify/{}.py\n".format(name)
        parts.append("\n\n" + rule + _copied(source, tree))
    parts.append(_TAIL)
    return "".join(parts)


def main(arguments: List[str]) -> int:
    """Write the single file to the path that is named."""
    if len(arguments) != 1:
        print("usage: python -m vigie.ledger.verify.bundle OUT")
        return 2
    with open(arguments[0], "w", encoding="utf-8") as file:
        file.write(build())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
