"""A parameter that a place never reads is not set there without a word."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from scenarios.compose import compose
from scenarios.errors import InputError
from scenarios.idle_evidence import idle_in
from scenarios.place_files import find_folder, load_place

LOCAL = {"local_need_adjustment", "local_death_adjustment", "local_home_care_adjustment"}


def test_local_parameters_do_nothing_where_nothing_is_local() -> None:
    assert set(idle_in(load_place("england_average"))) == LOCAL
    assert not idle_in(load_place("bi_borough"))


def test_a_places_own_row_stands_before_home_care_parameters() -> None:
    row = pd.DataFrame({"service": ["home_package"], "amount": [3.0]})
    idle = idle_in(replace(load_place("bi_borough"), services=row))
    assert set(idle) == {"home_package_per_10000", "local_home_care_adjustment"}


@pytest.mark.parametrize("name", sorted(LOCAL))
def test_setting_one_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(InputError, match=rf"evidence\.overrides\.{name}: does nothing in england_average: its place"):
        compose(["place=england_average", f"+evidence.overrides.{name}=0.9"])
    assert compose(["place=bi_borough", f"+evidence.overrides.{name}=0.9"]).evidence.overrides == {name: 0.9}


def test_a_place_of_ones_own_is_looked_at_too(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(find_folder("toy"), folder)
    with pytest.raises(InputError, match="local_need_adjustment: does nothing in toy"):
        compose([f"place={folder}", "+evidence.overrides.local_need_adjustment=0.9"])
