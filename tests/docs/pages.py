"""The pages of documentation and the blocks of code in them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of code: its language and its text."""

    language: str
    text: str


def text_of(page: str) -> str:
    """Return a page's text."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page, in order."""
    return [Block(language, text) for language, text in BLOCK.findall(text_of(page))]


def commands(block: Block) -> list[list[str]]:
    """Return the commands of a shell block as words: comments and empty lines left out, continued lines joined."""
    joined = block.text.replace("\\\n", " ") if block.language == "bash" else block.text.replace("\\", "/")
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


def makefile_commands(target: str) -> list[list[str]]:
    """Return the commands of one target of the Makefile as words, its folder of programs left out."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{target}:"))
    recipe = []
    for line in lines[at + 1 :]:
        if not line.startswith("\t"):
            break
        recipe.append(shlex.split(line.strip().lstrip("@-").replace("$(BIN)/", "").replace("$(ARGS)", "")))
    return recipe


def makefile_targets() -> set[str]:
    """Return the names of the Makefile's targets."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
