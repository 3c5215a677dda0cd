"""docs/calibration.md shows the posteriors that are shipped, by tables made of their own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration.posteriors.told import parameters_table, targets_table
from scenarios.errors import InputError
from tests.docs.pages import text_of


@pytest.mark.parametrize("name", ["england_average", "bi_borough"])
def test_the_page_shows_what_the_shipped_posterior_meets(name: str) -> None:
    assert targets_table(name) in text_of("docs/calibration.md")


def test_the_page_shows_what_the_data_did_to_englands_parameters() -> None:
    assert parameters_table("england_average") in text_of("docs/calibration.md")


def test_a_target_is_told_with_its_limits_and_whether_it_is_met(tmp_path: Path) -> None:
    made = tmp_path / "bi_borough"
    made.mkdir()
    (made / "targets.csv").write_text(
        "target,role,headline,unit,observed,low,high,simulated,simulated_05,simulated_95,inside\n"
        "delayed_ryj,held_out,True,share,0.146,0.131,0.162,0.12,0.09,0.15,False\n"
    )
    row = targets_table("bi_borough", tmp_path).splitlines()[-1]
    words = "beds occupied by people ready to leave, Imperial (held out) *"
    assert row == f"| {words} | 14.6% (13.1 to 16.2) | 12% (9 to 15) | outside |"


@pytest.mark.parametrize("table", [targets_table, parameters_table])
def test_a_posterior_that_is_not_there_is_named(table) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"nowhere/(targets|parameters)\.csv: no such file"):
        table("nowhere")
