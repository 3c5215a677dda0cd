"""Arguments shared by the subcommands that take a scenario."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from scenarios.errors import InputError, nearest

OVERRIDES = "settings, name=value: groups (place=toy, int=frailty) and single settings (experiment.replications=5)"


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are InputErrors of one line."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError in place of printing the usage."""
        raise InputError(self.prog, message)


def parser(command: str, words: str) -> Parser:
    """Return an empty parser of ``intsim <command>``; ``words`` say what it does."""
    return Parser(prog=f"intsim {command}", description=words, allow_abbrev=False)


def scenario_parser(command: str, words: str) -> Parser:
    """Return the parser of a subcommand that takes overrides and a folder of settings."""
    made = parser(command, words)
    made.add_argument("overrides", nargs="*", metavar="name=value", help=OVERRIDES)
    made.add_argument("--config-dir", metavar="DIR", type=Path, help="your own folder of options (int/mine.yaml, ...)")
    made.add_argument("--show", action="store_true", help="print the settings in full and stop")
    return made


def add_resume(made: Parser) -> None:
    """Add the option to go on with a run that was interrupted."""
    words = "carry on with the run in experiment.output, keeping what is finished"
    made.add_argument("--resume", action="store_true", help=words)


def parse(made: Parser, words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments in ``words``, options and settings in any order; raise InputError for an unknown option."""
    known, left = made.parse_known_intermixed_args(list(words))
    if left:
        names = [name for action in made._actions for name in action.option_strings]
        raise InputError(made.prog, f"no such option '{left[0]}': {nearest(left[0], names)}")
    return known


def one_or_more(made: Parser, option: str, metavar: str, words: str) -> None:
    """Add an option of a whole number from 1 on, 0 if it is not given; any other is refused in parsing."""

    def number(text: str) -> int:
        if not text.strip().lstrip("+").isdigit() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"must be 1 or more, a whole number (you gave '{text}')")
        return int(text)

    made.add_argument(option, type=number, default=0, metavar=metavar, help=words)
