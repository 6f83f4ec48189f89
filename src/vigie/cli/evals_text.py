# SPDX-License-Identifier: Apache-2.0
"""`vigie evals run text`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame

if TYPE_CHECKING:
    from vigie.evals.text.figures import Figure, Figures
    from vigie.evals.text.run import TextReport

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
HEAD: Final = ("part", "texts", "with label", "accuracy", "macro-F1", "AUC", "AUPRC", "unscored")


@click.command(
    "text",
    epilog=frame.example(
        "vigie evals run text --label denial --data posts.csv "
        "--text-column text --label-column label",
        "vigie evals run text --label hate --data posts.csv.gz --text-column body "
        "--label-column is_hate --lang-column lang --group-column source --json",
    ),
)
@click.option("--label", required=True, help="What is looked for: hate, denial, nudify, ...")
@click.option("--data", type=FILE, required=True, help="CSV file in UTF-8, plain or gzipped.")
@click.option("--text-column", required=True, help="Column of the text.")
@click.option("--label-column", required=True, help="Column of the label: 0 or 1.")
@click.option("--lang-column", help="Column of the language.  [default: as found]")
@click.option("--group-column", help="Column by which figures are told apart.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Score from which a text counts as found.  [default: the shipped policy's or card's]",
)
@frame.as_json
def command(*, as_json: bool, **given: Any) -> None:
    """Measure how well the shipped detectors find a label in labelled texts.

    Runs what ships by default, in this process, without a server or a data
    folder. Each figure comes with its 95 % interval: accuracy by Wilson, the
    others by a bootstrap whose draws are the same in every run. A text in a
    language for which a model gives no score counts as score 0 and is told as
    unscored. No text is printed.
    """
    from vigie.cli.progress import Progress
    from vigie.evals.text.read import Columns, read_rows
    from vigie.evals.text.run import run

    columns = Columns(
        text=given["text_column"],
        label=given["label_column"],
        language=given["lang_column"],
        group=given["group_column"],
    )
    rows = read_rows(given["data"], columns)
    with Progress("scoring", len(rows.texts), quiet=as_json) as progress:
        found = run(
            rows,
            given["label"],
            threshold=given["threshold"],
            done=lambda count: progress.add(count, count),
        )
    frame.show(found, as_json=as_json, text=lambda: _told(found))
    if found.failed:
        frame.note(f"A detector failed on {frame.counted(found.failed, 'text')}: see diagnostics.")


def _told(report: TextReport) -> Iterable[str]:
    parts = {"all": report.overall}
    parts |= {f"language {name}": one for name, one in report.by_language.items()}
    parts |= {f"group {name}": one for name, one in report.by_group.items()}
    yield from frame.table(HEAD, [_row(name, one) for name, one in parts.items()])
    yield ""
    yield from frame.pairs(
        {
            "label": report.label,
            "found from": f"{report.threshold:g} ({report.threshold_from})",
            "detectors": ", ".join(f"{one.name} {one.version}" for one in report.detectors),
            "texts per CPU second": f"{report.texts_per_cpu_second:,.0f}",
        }
    )


def _row(name: str, one: Figures) -> tuple[str, ...]:
    figures = (one.accuracy, one.macro_f1, one.auc, one.auprc)
    return (
        name,
        f"{one.texts:,}",
        f"{one.positives:,}",
        *(_figure(figure) for figure in figures),
        f"{one.unscored:,}",
    )


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"
