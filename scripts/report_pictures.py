"""Takes the pictures of the report that docs/industries/finance.md shows, into docs/images.

``python scripts/report_pictures.py``; it needs Chromium, as the tests of the report do. The recipe is the page's own.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
PAGE = REPOSITORY / "docs" / "industries" / "finance.md"
WIDTH = 1000

# What each picture shows: the first and the last element, by selectors.
PICTURES = {
    "finance-decision": ("h1", ".note"),
    "finance-value": ("#worth", "#s-actions-decision-value-by-cut-off .chart"),
    "finance-reasons": ("#s-actions-decision-reasons", "#s-actions-decision-reasons"),
    "finance-alike": ("#s-actions-decision-alike-2", "#s-actions-decision-alike-2"),
}
_BOX = """
(() => {
  const [first, last] = [%r, %r].map(one => document.querySelector(one).getBoundingClientRect());
  return JSON.stringify([first.top + window.scrollY, last.bottom + window.scrollY]);
})()
"""


def main() -> None:
    """Run the page's recipe and take the pictures."""
    sys.path[:0] = [str(REPOSITORY / "tests" / "docs"), str(REPOSITORY / "tests" / "plugins" / "report")]
    from browser import browser

    with tempfile.TemporaryDirectory() as folder:
        report = _report(Path(folder))
        with browser() as page:
            page.show(WIDTH, 900, prefers_color_scheme="light")
            page.open(report)
            for name, (first, last) in PICTURES.items():
                _take(page, IMAGES / f"{name}.png", first, last)


def _report(folder: Path) -> Path:
    """Play the page up to its first run, and return the report of that."""
    from fences import fences_of, play

    (folder / "sartor.toml").write_text("", encoding="utf-8")
    os.chdir(folder)
    names: dict[str, object] = {"__name__": "__page__"}
    for fence in fences_of(PAGE.read_text(encoding="utf-8")):
        play(fence, PAGE, folder, names)
        reports = sorted((folder / "runs").rglob("report.html"))
        if reports:
            return reports[0]
    raise SystemExit(f"{PAGE} runs no recipe")


def _take(page: Any, file: Path, first: str, last: str) -> None:
    import json

    top, bottom = json.loads(page.js(_BOX % (first, last)))
    clip = {"x": 0, "y": top - 12, "width": WIDTH, "height": bottom - top + 20, "scale": 0.75}
    told = page.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(told["data"]))
    print(f"{file.relative_to(REPOSITORY)}  {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
