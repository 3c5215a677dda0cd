"""The ``intsim`` command: one subcommand for each job. Nothing heavy is imported before a job is chosen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

COMMANDS = {
    "run": "run one scenario and keep its results",
    "compare": "run an INT design beside usual care: what changes, for whom, and how sure",
    "rerun": "run a results folder again from its own files: are the numbers equal? (rerun RESULTS)",
    "structure": "run a comparison again, switching one mechanism of the model at a time (structure RESULTS)",
    "report": "the investment case of a comparison: HTML, Word and Excel (report RESULTS)",
    "bank": "run a case with evidence and doses varied, so that report --bank can give thresholds and doses",
    "scorecard": "the official neighbourhood health scorecard of a run (scorecard RUN_DIR)",
    "evaluate": "what a roll-out did: estimates from real data, or from a run whose effect is known",
    "verify": "run both engines on a scenario and check that they agree event for event",
    "evidence": "show the numbers the model rests on, and where each came from",
    "validate": "check that the model is not a toy: levels, levers, and tests that a toy would fail",
    "replay": "run published studies again inside the model, and compare the results with theirs",
    "place": "build a place from official files, or check a folder that describes one (place check DIR)",
    "calibrate": "fit a place's uncertain parameters to what was observed there",
    "targets": "check observed figures that the model must reproduce (targets check FILE)",
}
HELP_WORDS = ("-h", "--help", "help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return 0 done, 1 a check failed, 2 bad input, 3 unfinished, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in HELP_WORDS:
        print(overview())
        return 0
    if words[0] == "--version":
        from importlib.metadata import version

        print(f"intsim {version('intsim')}")
        return 0
    hidden = hidden_package()
    if hidden:
        print(hidden, file=sys.stderr)
        return 2
    from scenarios.errors import InputError, nearest
    from sim.execution.unfinished import LostWorker, Unfinished

    try:
        if words[0] not in COMMANDS:
            raise InputError("intsim", f"no such command '{words[0]}': {nearest(words[0], COMMANDS)}")
        return int(import_module(f"intsim.apps.{words[0]}").main(words[1:]))
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    except (Unfinished, LostWorker) as problem:
        print(problem, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("intsim: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as with `intsim evidence | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:  # a full disk, a folder that may not be written, a path too long
        if problem.strerror is None:
            raise
        where = "intsim" if problem.filename is None else str(problem.filename)
        print(f"{where}: {problem.strerror}", file=sys.stderr)
        return 2


def overview() -> str:
    """Return the help of the whole command."""
    lines = [f"  {name:<11}{words}" for name, words in COMMANDS.items()]
    return "\n".join(
        [
            "usage: intsim COMMAND [name=value ...]",
            "",
            *lines,
            "",
            "examples:",
            "  intsim compare place=toy int=frailty experiment=quick",
            "  intsim run place=bi_borough int=outreach experiment.replications=5",
            "  intsim COMMAND --help",
        ]
    )


def hidden_package() -> str | None:
    """Return what is wrong if a folder called ``scenarios`` or ``sim`` elsewhere hides one of ours, else None."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("scenarios", "sim"):
        spec = find_spec(name)
        found = None if spec is None or spec.origin is None else Path(spec.origin).resolve().parent.parent
        if found != ours:
            return f"{name}: a folder of that name in {found or Path.cwd()} hides intsim's own: run elsewhere"
    return None
