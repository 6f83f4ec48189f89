# SPDX-License-Identifier: Apache-2.0
"""The search: one small grammar that people, routing rules and pages write.

`item.language = fr and (policy = denial or score.denial >= 0.9) and not trusted = yes`

An expression is read once (`parse`), then asked of flat facts (`matches`) or of
the store (`to_query`); the two agree.
"""

from __future__ import annotations

from vigie.flow.search.errors import SearchError
from vigie.flow.search.kinds import Target
from vigie.flow.search.match import matches
from vigie.flow.search.nodes import Node, write
from vigie.flow.search.query import to_query
from vigie.flow.search.reader import parse

__all__ = ["Node", "SearchError", "Target", "matches", "parse", "to_query", "write"]
