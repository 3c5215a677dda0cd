"""The forward test's place: it knows no figure of a hospital from the months that are predicted."""

from pathlib import Path

import pytest

from calibration.forward.place import as_known
from scenarios.errors import InputError
from scenarios.place_files import load_place


def test_hospitals_are_those_of_the_year_before_and_all_else_is_the_place(tmp_path: Path) -> None:
    before, now = load_place(as_known(tmp_path / "then")), load_place("bi_borough")
    assert list(before.hospitals["code"]) == list(now.hospitals["code"])
    for column in ("ed_attendances_per_year", "emergency_admissions_per_year", "beds_occupied", "delayed_share"):
        assert (before.hospitals[column] != now.hospitals[column]).all(), column
    assert before.hospitals["source"].str.contains("2023/24").all()
    assert before.communities.equals(now.communities)
    with pytest.raises(InputError, match="is there already"):
        as_known(tmp_path / "then")
