"""Runs axe-core on a page in headless Chromium, where both are there: what breaks WCAG 2 A and AA."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHROMES = ("chromium", "chromium-browser", "google-chrome")
AXE = "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """
<script>{axe}</script>
<script>
document.querySelectorAll("details").forEach(each => {{ each.open = true; }});
axe.run(document, {{ runOnly: {{ type: "tag", values: {tags} }} }}).then(found => {{
  const told = document.createElement("pre");
  told.id = "axe-found";
  told.textContent = JSON.stringify({{
    violations: found.violations.map(v => [v.id, v.help, v.nodes.length, v.nodes[0].html]),
    passes: found.passes.length,
    wide: document.documentElement.scrollWidth - window.innerWidth
  }});
  document.body.replaceChildren(told);
}});
</script>
"""


def axe_file() -> Path:
    """Return axe.min.js (INTSIM_AXE, or npm install axe-core in the repository); skips the test where it is not."""
    given = os.environ.get("INTSIM_AXE")
    path = Path(given) if given else ROOT / AXE
    if not path.is_file():
        pytest.skip(f"axe-core is not at {path} (npm install --no-save axe-core, or set INTSIM_AXE)")
    return path


def chromium() -> str:
    """Return the browser; skips the test where there is none."""
    found = next((path for name in CHROMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    return found


def audit(page: Path, folder: Path, width: int = 1000) -> dict:
    """Return what axe found on ``page``: violations (rule, help, count, first element), passes, and its overflow.

    ``wide``: pixels by which the page is wider than a window of ``width``; above 0 it must be scrolled sideways.
    """
    browser, axe = chromium(), axe_file().read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8").replace("</body>", RUN.format(axe=axe, tags=json.dumps(TAGS)) + "</body>")
    copy = folder / f"audit-{width}.html"
    copy.write_text(text, encoding="utf-8")
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900"]
    words += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=30000", "--dump-dom", copy.as_uri()]
    done = subprocess.run([browser, *words], capture_output=True, text=True, timeout=120, check=False)
    told = re.search(r'<pre id="axe-found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, f"axe did not finish: {done.stderr[-500:]}"
    return dict(json.loads(unescape(told[1])))


def overflow_px(page: Path, folder: Path, width: int = 320) -> int:
    """Return by how many pixels a page is wider than ``width``: 320 is a window of 1,280 pixels at 400% zoom.

    The page stands in a frame, because a window of Chromium is never so narrow.
    """
    frame = folder / "frame.html"
    frame.write_text(
        f'<iframe id="f" src="{page.as_uri()}" width="{width}" height="900" style="border:0"></iframe>'
        "<script>document.getElementById('f').onload = () => {"
        "const it = document.getElementById('f').contentDocument;"
        "it.querySelectorAll('details').forEach(each => { each.open = true; });"
        "const told = document.createElement('pre'); told.id = 'wide';"
        "told.textContent = it.documentElement.scrollWidth; document.body.append(told); };</script>",
        encoding="utf-8",
    )
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    words += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=10000", "--dump-dom", frame.as_uri()]
    done = subprocess.run([chromium(), *words], capture_output=True, text=True, timeout=120, check=False)
    told = re.search(r'<pre id="wide">(\d+)</pre>', done.stdout)
    assert told, f"the page was not measured: {done.stderr[-500:]}"
    return int(told[1]) - width
