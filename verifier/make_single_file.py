# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - one file, no package
"""Makes `vigie_verify.py` from the modules of Vigie; a source archive holds it already."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src", "vigie", "ledger", "verify", "bundle.py")


class SingleFile(BuildHookInterface[Any]):
    """Writes the module before it is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - as hatchling calls it
        """Copy the verifier's modules into one file, where their sources are at hand."""
        bundle = Path(self.root).parent / SOURCES
        if not bundle.is_file():
            return
        spec = importlib.util.spec_from_file_location("bundle", bundle)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{bundle} cannot be read")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        Path(self.root, "vigie_verify.py").write_text(module.build(), encoding="utf-8")
