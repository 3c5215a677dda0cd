"""Small numbers do not leave: hidden, rounded, and not to be had by subtraction."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.suppression import AS_IT_IS, HES, UNDER_SIX, SmallNumbers, export_csv, hidden_cells, suppress
from scenarios.errors import InputError


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area": ["a", "a", "a", "b", "b", "b"],
            "quintile": [1, 2, 3, 1, 2, 3],
            "count": [0, 3, 42, 12, 18, 23],
            "rate": [0.0, 1.5, 21.0, 6.0, 9.0, 11.5],
        }
    )


def test_counts_of_one_to_seven_are_hidden_and_the_rest_rounded_to_five() -> None:
    found = suppress(table(), {"count": ["rate"]}, SmallNumbers(second=False))
    assert found["count"].tolist() == [0, pd.NA, 40, 10, 20, 25]
    assert found["rate"].isna().tolist() == [False, True, False, False, False, False]
    assert found["suppressed"].tolist() == [False, True, False, False, False, False]


def test_one_hidden_alone_takes_the_next_smallest_of_its_group_with_it() -> None:
    found = suppress(table(), {"count": []}, HES, ["area"])
    assert found["suppressed"].tolist() == [False, True, True, False, False, False]
    whole = suppress(table(), {"count": []}, HES)
    assert whole["suppressed"].tolist() == [False, True, False, True, False, False]


def test_two_hidden_protect_each_other_and_a_zero_cannot_be_hidden() -> None:
    assert hidden_cells(pd.Series([3, 4, 90])).tolist() == [True, True, False]
    assert hidden_cells(pd.Series([3, 0])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("counts", "rule", "hidden"),
    [
        ([1, 1, 50], UNDER_SIX, [True, True, True]),  # a total of 52 less 50 is two ones and nothing else
        ([1, 1, 1, 90, 50], UNDER_SIX, [True, True, True, False, True]),
        ([5, 5, 90, 50], UNDER_SIX, [True, True, False, True]),
        ([7, 7, 50], HES, [True, True, True]),
        ([5, 5, 50], HES, [True, True, False]),  # 10 may be 3 and 7
        ([1, 2, 50], UNDER_SIX, [True, True, False]),  # which is which is not told
        ([1, 1, 0], UNDER_SIX, [True, True, False]),  # nothing else is there to be hidden
        ([1, 1, None, 50], UNDER_SIX, [True, True, False, False]),
    ],
)
def test_hidden_ones_whose_sum_tells_each_take_another_with_them(
    counts: list[int | None], rule: SmallNumbers, hidden: list[bool]
) -> None:
    assert hidden_cells(pd.Series(counts), rule).tolist() == hidden
    assert not hidden_cells(pd.Series([1, 1, 50]), SmallNumbers(5, 1, second=False))[2]


def test_other_rules_by_name() -> None:
    assert suppress(table(), {"count": []}, UNDER_SIX, ["area"])["count"].tolist() == [0, pd.NA, pd.NA, 12, 18, 23]
    assert suppress(table(), {"count": []}, AS_IT_IS)["count"].tolist() == table()["count"].tolist()
    with pytest.raises(InputError, match="round_to 0"):
        SmallNumbers(round_to=0)


def test_export_hides_unless_told_otherwise(tmp_path: Path) -> None:
    path = export_csv(table(), tmp_path / "counts.csv", {"count": ["rate"]}, ["quintile"])
    back = pd.read_csv(path)
    assert back["count"].isna().sum() == 2
    assert 3 not in back["count"].tolist()
    assert [each.name for each in tmp_path.iterdir()] == ["counts.csv"]


def test_export_refuses_a_whole_numbered_column_nobody_vouches_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'quintile'"):
        export_csv(table(), tmp_path / "counts.csv", {"count": ["rate"]})
    with pytest.raises(InputError, match="no such folder"):
        export_csv(table(), tmp_path / "none" / "counts.csv", {"count": ["rate"]}, ["quintile"])
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_count_is_refused() -> None:
    for bad in ([-1, 2], [1.5, 2], ["few", 2]):
        with pytest.raises(InputError, match="not a count"):
            hidden_cells(pd.Series(bad, name="count"))
    with pytest.raises(InputError, match="'counts' is missing"):
        suppress(table(), {"counts": []})
