# SPDX-License-Identifier: Apache-2.0
"""`vigie evals run text`: from a file to figures, and what a wrong file is told."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from vigie.cli.evals_text import command
from vigie.core.errors import InvalidInputError
from vigie.evals.text.read import Columns, read_rows
from vigie.evals.text.run import run, threshold_of

COLUMNS = Columns(text="text", label="label", language="lang", group="group")
ROWS = (
    "text,label,lang,group\n"
    '"The gas chambers never existed, it is all a lie.",1,en,a\n'
    '"The museum, ""on time"",\nopens at nine.",0,en,b\n'
    '"Les chambres à gaz n\'ont jamais existé.",1,fr,a\n'
    "Uma frase qualquer sobre o tempo.,0,pt,b\n"
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_quotes_newlines_a_mark_at_the_start_and_gzip_are_read(tmp_path, file):
    plain = read_rows(file, COLUMNS)
    assert plain.texts[1] == 'The museum, "on time",\nopens at nine.'
    marked, zipped = tmp_path / "marked.csv", tmp_path / "rows.csv.gz"
    marked.write_text(ROWS, encoding="utf-8-sig")
    zipped.write_bytes(gzip.compress(ROWS.encode()))
    assert read_rows(marked, COLUMNS) == plain
    assert read_rows(zipped, COLUMNS) == plain


@pytest.mark.parametrize(
    ("content", "option", "words"),
    [
        ("words,label\nx,1\n", "--text-column", "'words'"),
        ("text,label\nx,maybe\n", "--label-column", "0 or 1"),
        ("text,label\n", "--data", "no rows"),
        ("label,text\n1\n", "--text-column", "too few"),
        ("", "--text-column", "none"),
    ],
)
def test_an_error_names_the_option_and_the_fix(tmp_path, content, option, words):
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        read_rows(path, Columns(text="text", label="label"))
    problem = caught.value
    assert problem.field == option
    assert words in f"{problem.message} {problem.fix}"


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n\xff\xfe,1\n")
    with pytest.raises(InvalidInputError) as caught:
        read_rows(path, Columns(text="text", label="label"))
    assert "UTF-8" in (caught.value.fix or "")


def test_every_row_is_measured_by_language_and_group(file):
    report = run(read_rows(file, COLUMNS), "denial")
    assert (report.overall.texts, report.overall.positives) == (4, 2)
    assert sorted(report.by_language) == ["en", "fr", "pt"]
    assert sorted(report.by_group) == ["a", "b"]
    assert report.by_language["pt"].unscored == report.overall.unscored == 1
    assert report.by_group["a"].accuracy.value == 1.0
    assert [one.name for one in report.detectors] == ["text.denial"]
    assert report.texts_per_cpu_second > 0
    assert report.failed == 0


def test_the_limit_is_that_of_the_policy_or_the_card_and_can_be_given(file):
    assert threshold_of("denial") == (0.5, "policy denial version 2")
    assert threshold_of("hate")[0] == 0.5
    assert threshold_of("anything")[0] == 0.5
    rows = read_rows(file, COLUMNS)
    strict = run(rows, "denial", threshold=1.0)
    assert (strict.threshold, strict.threshold_from) == (1.0, "the command line")
    assert strict.by_group["a"].accuracy.value == 0.0


def test_an_unknown_label_is_told_with_those_known(file):
    with pytest.raises(InvalidInputError) as caught:
        run(read_rows(file, COLUMNS), "nothing")
    assert "denial" in (caught.value.fix or "")


def test_the_silence_of_a_list_is_a_score_of_zero_and_no_gap(file):
    report = run(read_rows(file, COLUMNS), "sexual")
    assert report.overall.unscored == 0


def test_a_label_of_ai_surfaces_alone_is_looked_for_on_one(tmp_path):
    path = tmp_path / "ages.csv"
    path.write_text(
        "text,label,lang,group\nShe is 12 years old.,1,en,a\nIt costs 12 euros.,0,en,b\n",
        encoding="utf-8",
    )
    report = run(read_rows(path, COLUMNS), "minor_reference")
    assert report.overall.accuracy.value == 1.0


def test_the_command_prints_the_shape_that_programs_read(file):
    options = ["--label", "denial", "--data", str(file), "--text-column", "text"]
    options += ["--label-column", "label", "--group-column", "group"]
    told = CliRunner().invoke(command, [*options, "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert {"overall", "by_language", "by_group", "texts_per_cpu_second"} <= set(found)
    for name in ("accuracy", "macro_f1", "auc", "auprc"):
        assert set(found["overall"][name]) == {"value", "low", "high"}
    table = CliRunner().invoke(command, options)
    assert table.exit_code == 0
    assert "group a" in table.stdout
    assert "gas chambers" not in table.output
