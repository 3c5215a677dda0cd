"""The figure of a study: coverage of each estimator with its Monte Carlo error."""

from __future__ import annotations

from pathlib import Path

from benchmarks.studies.run import Score
from evaluation.figures.style import INK, PALE, figure, house_style, save

COLOURS = {"covers": "#005EB8", "fails": "#AE2573", "printed": "#425563"}
WORDS = {"covers": "promised to cover", "fails": "known to be wrong here", "printed": "no promise"}


def draw(name: str, scores: list[Score], folder: Path) -> Path:
    """Write study_<name>.svg and .png into ``folder``: coverage with 1.96 Monte Carlo errors, 93 to 97% shaded."""
    with house_style():
        made, axes = figure(1.1 + 0.42 * len(scores))
        axis = axes[0]
        axis.axvspan(93, 97, color=PALE, zorder=0)
        axis.axvline(95, color=INK, linewidth=1)
        seen = set()
        for at, score in enumerate(reversed(scores)):
            label = WORDS[score.promise] if score.promise not in seen else None
            seen.add(score.promise)
            axis.errorbar(
                100 * score.coverage,
                at,
                xerr=196 * score.coverage_error,
                color=COLOURS[score.promise],
                marker={"covers": "o", "fails": "X", "printed": "s"}[score.promise],
                linestyle="none",
                capsize=3,
                label=label,
            )
        axis.set_yticks(range(len(scores)), [score.estimator for score in reversed(scores)])
        axis.set_xlim(-2, 102)
        axis.set_ylim(-0.6, len(scores) - 0.4)
        axis.set_xlabel(f"share of {scores[0].repeats:,} 95% intervals that held the truth (%)")
        made.suptitle(f"Study {name.replace('_', ' ')}", x=0.01, ha="left", fontweight="bold", fontsize=11)
        made.legend(loc="outside upper right", ncols=3)
    return save(made, folder, f"study_{name}")
