# SPDX-License-Identifier: Apache-2.0
"""The search: one small grammar that people, routing rules and pages write.

`item.language = fr and (policy = denial or score.denial >= 0.9) and not trusted = yes`

An expression is read once (`reader.parse`), then asked of flat facts
(`match.matches`) or of the store (`query.to_query`); the two agree.
"""

from __future__ import annotations

from vigie.flow.search.errors import SearchError
from vigie.flow.search.match import matches
from vigie.flow.search.nodes import Node, write
from vigie.flow.search.reader import parse

__all__ = ["Node", "SearchError", "matches", "parse", "write"]
