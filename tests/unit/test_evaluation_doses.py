"""Existing and added dose, from the settings of two designs."""

from __future__ import annotations

from pathlib import Path

from evaluation.doses import doses_of
from evaluation.page_tables import dose_table
from evaluation.run_folder import read_settings

USUAL = {
    "name": "usual_care",
    "workforce": {"added_fte": {"gp": 0.0, "int_core": 0.0}, "wellbeing": {"hours": 0.0, "effect": 1.0}},
    "relationships": {"care_coordination": {"caseload_per_10000": 20.0, "effect": 1.0}, "role_hierarchy": 0.5},
    "population_health": {"case_finding": {"target": "all", "effect": 1.0}},
    "resource_allocation": {"needs_weight": 0.0, "effect": 1.0, "formula": {"age": 0.0}},
}
DESIGN = {
    **USUAL,
    "workforce": {"added_fte": {"gp": 0.0, "int_core": 1.5}, "wellbeing": {"hours": 0.0, "effect": 1.0}},
    "relationships": {"care_coordination": {"caseload_per_10000": 120.0, "effect": 1.0}, "role_hierarchy": 0.5},
    "population_health": {"case_finding": {"target": "risk", "effect": 1.0}},
}


def test_a_dose_is_what_there_is_and_what_the_design_adds() -> None:
    doses = {(dose.lever, dose.setting): dose for dose in doses_of(USUAL, {"frailty": DESIGN})}
    caseload = doses["care coordination", "caseload per 10000"]
    assert (caseload.existing, caseload.added["frailty"]) == (20.0, 100.0)
    assert caseload.in_words("frailty") == "care coordination, caseload per 10000: +100 to 20"
    assert doses["added int core", "FTE per 10,000"].added["frailty"] == 1.5
    assert ("added gp", "FTE per 10,000") not in doses
    assert doses["case finding", "target"].added["frailty"] == "risk"
    assert doses["resource allocation", "needs weight"].added["frailty"] == 0.0


def test_a_design_equal_to_the_baseline_adds_nothing() -> None:
    assert not any(dose.added["same"] for dose in doses_of(USUAL, {"same": USUAL}))


def test_the_table_of_doses_says_what_is_added_in_words() -> None:
    table = dose_table(doses_of(USUAL, {"frailty": DESIGN}), ["frailty"], "usual_care")
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    assert rows["care coordination", "caseload per 10000"] == ["20", "+100"]
    assert rows["case finding", "target"] == ["all", "risk"]
    assert rows["resource allocation", "needs weight"] == ["0", "none"]
    assert table.columns[2:] == ["Existing (usual care)", "Added by frailty"]


def test_the_settings_of_each_arm_are_read_from_its_config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("int:\n  name: frailty\n")
    (tmp_path / "config-usual_care.yaml").write_text("int:\n  name: usual_care\n")
    (tmp_path / "config-broken.yaml").write_text("int: [")
    assert read_settings(tmp_path, "frailty") == {"frailty": {"name": "frailty"}, "usual_care": {"name": "usual_care"}}
