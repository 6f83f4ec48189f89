# SPDX-License-Identifier: Apache-2.0
"""Rules about the text of the repository: size of files and functions, licence lines, no leaks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.support.tree import ROOT, python_files, text_of, tracked

MAX_LINES = 400
SPDX = "SPDX-License-Identifier: Apache-2.0"

# Built from halves, so that this file does not hold what it looks for.
LEAKS = re.compile(
    "|".join(
        [
            "/" + "(?:work|farm)/",
            "/" + r"home/[a-z]\w*/",
            "/" + "root/",
            "bash" + "_jobs",
            r"(?:\.\./)+" + "shared",
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "registry" + r"\.npmjs",
            "deb" + r"\.debian\.org",
        ]
    )
)


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(source: str) -> list[tuple[str, int]]:
    """Return name and lines of each function: its head as one line, its body without blanks."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            span = lines[body[0].lineno - 1 : node.end_lineno] if body else []
            found.append((node.name, 1 + sum(1 for line in span if line.strip())))
    return found


def test_no_file_has_more_than_400_lines():
    files = python_files("src", "tests", "demo", "benchmarks", "training")
    long = {str(p.relative_to(ROOT)): _lines(p) for p in files if _lines(p) > MAX_LINES}
    assert long == {}


def test_functions_are_short(record_testsuite_property):
    sizes = sorted(
        (size, f"{path.relative_to(ROOT)}:{name}")
        for path in python_files("src")
        for name, size in functions(path.read_text(encoding="utf-8"))
    )
    counts = [size for size, _ in sizes]
    p90 = quantiles(counts, n=10)[-1]
    record_testsuite_property("function_lines", f"median {median(counts)}, p90 {p90:.0f}")
    print(f"functions: {len(counts)}, median {median(counts)}, p90 {p90:.0f}, longest {sizes[-5:]}")
    assert median(counts) <= 10
    assert p90 <= 30, sizes[-10:]


def test_modules_are_short():
    counts = [_lines(path) for path in python_files("src")]
    print(f"modules: {len(counts)}, median {median(counts)}, longest {max(counts)}")
    assert median(counts) <= 120


def test_a_function_is_measured_without_its_docstring():
    assert functions(
        'def f():\n    """Words.\n\n    More.\n    """\n    a = 1\n\n    return a\n'
    ) == [("f", 3)]


@pytest.mark.parametrize("folder", ["src", "tests", "demo", "benchmarks", "training"])
def test_every_python_file_names_its_licence(folder):
    bare = [
        str(path.relative_to(ROOT))
        for path in python_files(folder)
        if SPDX not in path.read_text(encoding="utf-8")[:200]
    ]
    assert bare == []


def test_no_text_names_a_machine_or_a_package_host():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        for match in LEAKS.finditer(text_of(path) or "")
    ]
    assert found == []


def test_the_leak_pattern_finds_a_planted_path():
    assert LEAKS.search("see /" + "work/main/README.md")
    assert LEAKS.search("url = https://files.python" + "hosted.org/x")
