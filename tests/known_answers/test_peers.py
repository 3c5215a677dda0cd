"""Our causal estimators agree with other people's libraries, whose figures on the same data are kept.

The peers themselves are not needed: python -m benchmarks.agreement runs them anew.
"""

from __future__ import annotations

import pytest

from benchmarks.agreement import AVERAGES, COMPARISONS, Figures, disagreements, stored

STORED = stored()


def _figures(name: str) -> Figures:
    return {key: float(value) for key, value in STORED[name]["figures"].items()}  # type: ignore[attr-defined]


def test_every_comparison_was_made_with_a_named_version() -> None:
    assert set(STORED) == set(COMPARISONS)
    for name, kept in STORED.items():
        assert kept["library"] == COMPARISONS[name].library
        assert kept["version"]


@pytest.mark.parametrize("name", list(COMPARISONS))
def test_we_find_what_the_peer_finds(name: str) -> None:
    assert disagreements(name, COMPARISONS[name].ours(), _figures(name)) == []


def test_a_wide_allowance_says_why() -> None:
    assert all(each.why for each in COMPARISONS.values() if each.allowed > 1e-5 or each.wider)


def test_a_figure_that_differs_or_is_lacking_is_told() -> None:
    ours = {"estimate": 1.0}
    told = disagreements("two-way fixed effects", ours, {"estimate": 1.1, "se": 0.2})
    assert [line.split(":")[0] for line in told] == ["two-way fixed effects, estimate", "two-way fixed effects, se"]


def test_our_synthetic_control_fits_the_time_before_at_least_as_well() -> None:
    assert COMPARISONS["synthetic control"].ours()["rmspe before"] <= _figures("synthetic control")["rmspe before"]


def test_standard_errors_differ_by_the_factor_of_small_samples_alone() -> None:
    """Fifteen areas to a cohort: n / (n - 1) of variances within cohorts (not of cohorts' shares), and of clusters."""
    name = "Callaway-Sant'Anna, never treated"
    ours, theirs = COMPARISONS[name].ours(), _figures(name)
    for average in AVERAGES:
        ratio = ours[f"{average} se"] / theirs[f"{average} se"]
        assert (60 / 59) ** 0.5 < ratio < (15 / 14 * 60 / 59) ** 0.5
