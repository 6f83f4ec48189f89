# SPDX-License-Identifier: Apache-2.0
"""Read law packs strictly; every error names the file and the field.

One file per jurisdiction, ``packs/<code>.yaml``; a folder is all it takes to
add one. Reading YAML is slow (a start-up and publishing task): doors read the
JSON document of the Snapshot (`table.from_document`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
import yaml

from vigie.core.errors import InvalidInputError
from vigie.law.codes import statement_codes
from vigie.law.entry import Cls, Custody, Entry, Origin, Sor
from vigie.law.table import DenialMatrix, LawTable, merged, placed

SUFFIX: Final = ".yaml"
COMPUTED: Final = (
    "jurisdiction",
    "as_of",
    "origin",
    "territories",
    "human_review_first",
    "elements_to_confirm",
)
"""Fields that the loader sets; a pack that states one is refused."""
_ID: Final = re.compile(r"^[a-z][a-z0-9_]{1,63}$")
_JURISDICTION: Final = re.compile(r"^[A-Z]{2}$")
_MONTH: Final = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
_AT: Final = re.compile(r" - at `\$(.*)`$")
_T = TypeVar("_T")
_Problem: TypeAlias = tuple[str, str, str]
"""Field, what is wrong, how to correct it."""


class LawPackError(InvalidInputError):
    """A pack does not fit the contract; `field` is `<file>: <path>`."""

    code = "law_pack"


class _Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack as it stands in its file."""

    jurisdiction: str
    version: str
    as_of: str
    source: str | None
    entries: list[dict[str, Any]]


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where YAML keeps the last.

    Days stay text: the field's type reads them and its error names the field.
    """


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, Hashable) or key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice or is no word", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(own: Path | None = None) -> LawTable:
    """Return the shipped packs, and the operator's own from a folder.

    Raises LawPackError, naming file and field, for anything amiss.
    """
    matrix = _matrix()
    folder = files("vigie.law").joinpath("packs")
    texts = sorted(
        (part.name, part.read_text(encoding="utf-8"))
        for part in folder.iterdir()
        if part.name.endswith(SUFFIX)
    )
    shipped = _table(texts, Origin.VIGIE, matrix)
    if own is None:
        return shipped
    theirs = load_folder(own)
    for entry_id in theirs.entries:
        if entry_id in shipped.entries:
            raise pack_error(
                str(own), entry_id, "the id belongs to a shipped pack", "Choose another."
            )
    return merged(shipped, theirs)


def load_folder(path: Path) -> LawTable:
    """Return the operator's own packs alone, shown as the operator's own.

    They keep within the shipped denial matrix like every other pack.
    """
    if not path.is_dir():
        raise pack_error(str(path), "", "there is no such folder", "Name the folder of your packs.")
    texts = [(file.name, _read(file)) for file in sorted(path.glob(f"*{SUFFIX}"))]
    return _table(texts, Origin.OPERATOR, _matrix())


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise pack_error(file.name, "", str(problem), "Save the file as UTF-8.") from problem


def _table(texts: list[tuple[str, str]], origin: Origin, matrix: DenialMatrix) -> LawTable:
    entries: dict[str, Entry] = {}
    for name, text in texts:
        for entry in _entries(name, text, origin):
            if entry.id in entries:
                raise pack_error(
                    name, entry.id, "the id stands twice", "Ids are unique over packs."
                )
            entries[entry.id] = placed(entry, matrix)
    return LawTable(entries=dict(sorted(entries.items())), matrix=matrix)


def _matrix() -> DenialMatrix:
    name = "denial_matrix.yaml"
    text = files("vigie.law").joinpath(name).read_text(encoding="utf-8")
    return converted(read_yaml(name, text), DenialMatrix, name, "")


def read_yaml(name: str, text: str) -> Any:
    """Return what a document of the law holds; its error names file and line."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        words = getattr(problem, "problem", None) or "it is not YAML"
        raise pack_error(name, line, str(words), "Correct the YAML.") from problem


def converted(value: Any, type_: type[_T], name: str, path: str) -> _T:
    """Return the value as the type; its error names file and field."""
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as problem:
        words = str(problem)
        at = _AT.search(words)
        field = f"{path}{at[1]}" if at else path
        raise pack_error(name, field.lstrip("."), _AT.sub("", words), _fix(words)) from problem


def _fix(words: str) -> str:
    if "got `bool`" in words:
        return 'Quote the word: YAML reads NO and yes as true or false ("NO").'
    return "See the reference of law packs for the fields."


def _entries(name: str, text: str, origin: Origin) -> Iterator[Entry]:
    pack = converted(read_yaml(name, text), _Pack, name, "")
    _check_head(name, pack)
    for number, raw in enumerate(pack.entries):
        path = f"entries[{number}]"
        for field in COMPUTED:
            if field in raw:
                raise pack_error(name, f"{path}.{field}", "is computed", "Remove the field.")
        head = {"jurisdiction": pack.jurisdiction, "as_of": pack.as_of, "origin": origin}
        entry = converted(raw | head, Entry, name, path)
        for field, words, fix in _problems(entry):
            raise pack_error(name, f"{path}.{field}", words, fix)
        yield entry


def _check_head(name: str, pack: _Pack) -> None:
    if not _JURISDICTION.match(pack.jurisdiction):
        raise pack_error(name, "jurisdiction", "is no country code", "ISO 3166 alpha-2, or EU.")
    if name != pack.jurisdiction.lower() + SUFFIX:
        fix = f"Name the file {pack.jurisdiction.lower()}{SUFFIX}."
        raise pack_error(name, "jurisdiction", "is not the jurisdiction of the file name", fix)
    if not _MONTH.match(pack.as_of):
        raise pack_error(name, "as_of", "is no month", "Write it as 2026-11.")


def _problems(entry: Entry) -> Iterator[_Problem]:
    """Yield what is wrong with an entry taken by itself."""
    if not _ID.match(entry.id):
        yield "id", "is no id", "Small letters, digits and underscores."
    if not entry.provision or not entry.what or not entry.src:
        yield "provision", "provision, what and src must say something", "Fill them in."
    if entry.cls is Cls.CHILD and entry.custody is None:
        yield "custody", "class child states custody", "Write unclear where it is not known."
    if entry.cls is not Cls.CHILD and entry.custody is not None:
        yield "custody", "only class child has custody", "Remove the field."
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        yield "valid_to", "lies before valid_from", "Correct the days."
    if not entry.is_ground and entry.custody is Custody.REQUIRED:
        yield "custody", "only an offence can require custody", "Write unclear."
    for field, sor in (("sor", entry.sor), ("sor_synthetic", entry.sor_synthetic)):
        if sor is not None:
            yield from _code_problems(field, sor)


def _code_problems(field: str, sor: Sor) -> Iterator[_Problem]:
    """Yield codes that the database does not accept, or that do not belong."""
    fix = "Codes are those of the DSA transparency database."
    pairs = [(sor.category, keyword) for keyword in sor.keywords]
    if sor.women_variant:
        pairs.append((sor.women_variant.category, sor.women_variant.keyword))
    pairs += [(other.category, other.keyword) for other in sor.alternatives]
    known = statement_codes()
    if sor.category not in known.categories:
        yield f"{field}.category", f"no category is called {sor.category}", fix
    for category, keyword in pairs:
        if not known.belongs(category, keyword):
            yield f"{field}.keywords", f"{keyword} does not belong to {category}", fix
    if not set(sor.keywords_only_if_incitement) <= set(sor.keywords):
        yield f"{field}.keywords_only_if_incitement", "names more than keywords", fix
    if ("KEYWORD_OTHER" in sor.keywords) != (sor.other_text is not None):
        yield f"{field}.other_text", "goes with KEYWORD_OTHER", "State both or neither."


def pack_error(name: str, field: str, words: str, fix: str) -> LawPackError:
    """Return the error of a field of a document of the law."""
    where = f"{name}: {field}" if field else name
    return LawPackError(f"Law pack {where}: {words}", field=where, fix=fix)
