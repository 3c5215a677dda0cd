"""What stopping once an interval is narrow enough does to that interval.

Whoever looks at an interval again and again, until it is narrow enough, ends soonest where chance makes it narrow. It
then holds the truth less often than it states, and as often in the limit of many replications alone (Chow and Robbins
1965, Annals of Mathematical Statistics 36:457).
"""

from __future__ import annotations

from evaluation.figures.style import words
from evaluation.outcomes import OUTCOMES
from evaluation.run_folder import RunFolder
from evaluation.sentences import in_sentence

# Of 100 such intervals, stated as 95%, those that hold the truth: normal differences, about 20 replications wanted (a
# test makes them again). Draws are looked at after 4, 8, 16 and so on, which does what looks after every fourth do.
FEW, HELD_FEW, HELD = 2, 89, 92


def stopped_words(run: RunFolder) -> str:
    """Return in a sentence that a run ended once an interval was narrow enough, and what it costs; '' if it did not.

    Nothing is said of a run that went on to the most it might. Judged is the difference of the last design alone.
    """
    tasks, most, name = (run.said("stop", key) for key in ("tasks", "most", "outcome"))
    if not (isinstance(tasks, int) and isinstance(most, int) and name and tasks < most):
        return ""
    label = next((in_sentence(each.label) for each in OUTCOMES if each.name == name), words(str(name)))
    per, what = (run.replications, "draws") if run.draws > 1 else (1, "replications")
    held = HELD_FEW if run.draws == 1 and run.said("scenario", "experiment", "stop", "batch") == FEW else HELD
    whose = f" of {words(run.designs[-1])}" if len(run.designs) > 1 else ""
    return (
        f"The run stopped as soon as the 95% interval of the difference in {label}{whose} was narrow enough (after "
        f"{tasks // per} of at most {most // per} {what}), which comes soonest where chance makes it too narrow: such "
        f"an interval holds the truth in about {held} of 100 runs, not in 95."
    )
