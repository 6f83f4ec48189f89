# SPDX-License-Identifier: Apache-2.0
"""`make docs`: writes the generated pages."""

from __future__ import annotations

from tests.docs.pages import PAGES, path_of


def main() -> None:
    """Write every page that has changed."""
    for name, make in PAGES.items():
        path, text = path_of(name), make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}")


if __name__ == "__main__":
    main()
