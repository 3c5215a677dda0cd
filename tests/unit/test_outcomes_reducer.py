"""The reducer on a month small enough to count by hand."""

from __future__ import annotations

import time

import numpy as np

from sim import codes
from sim.engines.records import EXIT, LOG, ROW, SERVICE, blank_rows
from sim.outcomes.by_events import known_of
from sim.outcomes.panel import OUTCOMES, age_years, cells_of
from sim.outcomes.reducer import TALLIES, ClosedMonth, Memory, MonthOutcomes, reduce_month, write_tallies
from sim.place.columns import COMMUNITY, PERSON, TEAM
from tests.outcomes_oracle import differences

DAY = 86_400
HOUR = 3_600
END = 30 * DAY
GP, ED_SERVICE, BED_SERVICE, PACKAGE, CORE = range(5)
KINDS = (codes.GP, codes.ED, codes.BED, codes.HOME_PACKAGE, codes.INT_CORE)


def services() -> np.ndarray:
    columns = np.zeros(len(KINDS), SERVICE)
    columns["kind"] = KINDS
    return columns


def people(count: int = 3) -> np.ndarray:
    """Residents 0 and 2: women of 30, neighbourhood 0, quintile 1; 1: a man of 80, neighbourhood 1, quintile 5."""
    columns = np.zeros(count, PERSON)
    columns["key"] = np.arange(count) + 1
    columns["presence"] = codes.PRESENT
    columns["birth_day"] = -30 * 366
    columns["birth_day"][1] = -80 * 366
    columns["sex"][1] = 1
    columns["neighbourhood"][1] = columns["team"][1] = 1
    columns["community"][1] = 1
    return columns


def communities() -> np.ndarray:
    columns = np.zeros(2, COMMUNITY)
    columns["local_quintile"] = (1, 5)
    columns["neighbourhood"] = (0, 1)
    return columns


def record(**values: int) -> np.ndarray:
    one = np.zeros(1, LOG)
    one["started"] = one["finished"] = -1
    for name, value in values.items():
        one[name] = value
    return one


def row(**values: int) -> np.ndarray:
    one = blank_rows(1)
    for name, value in values.items():
        one[name] = value
    return one


def exit_of(person: int, time_s: int, how: int) -> np.ndarray:
    one = np.zeros(1, EXIT)
    one["person"], one["time"], one["how"] = person, time_s, how
    return one


def reduce(
    log: tuple[np.ndarray, ...] = (),
    rows: tuple[np.ndarray, ...] = (),
    created: tuple[np.ndarray, ...] = (),
    exits: tuple[np.ndarray, ...] = (),
    window: tuple[int, int] = (0, END),
    memory: Memory | None = None,
    persons: np.ndarray | None = None,
) -> MonthOutcomes:
    month = ClosedMonth(
        *window,
        np.concatenate([np.zeros(0, LOG), *log]),
        np.concatenate([np.zeros(0, ROW), *rows]),
        np.concatenate([np.zeros(0, ROW), *created]),
        np.concatenate([np.zeros(0, EXIT), *exits]),
    )
    whom = people() if persons is None else persons
    found = reduce_month(month, whom, communities(), services(), 3, memory or Memory())
    assert differences(found, month, whom, communities(), services(), 3, memory or Memory()) == []
    return found


def total(outcomes: MonthOutcomes, name: str) -> int:
    return int(outcomes.panel[..., OUTCOMES.index(name)].sum())


def test_ages_are_whole_years_of_365_and_a_quarter_days() -> None:
    ages = age_years(np.array([0, -365, -366, -1461, -36525, 5]), 0)
    assert ages.tolist() == [0, 0, 1, 4, 100, 0]


def test_each_resident_falls_in_the_cell_of_place_deprivation_age_and_sex() -> None:
    cells = cells_of(people(), communities(), 0)
    assert cells.tolist() == [2 * 2 + 0, ((1 * 5 + 4) * 7 + 5) * 2 + 1, 2 * 2 + 0]


def test_a_month_without_events_counts_only_the_seconds_lived() -> None:
    outcomes = reduce()
    assert outcomes.panel.shape == (2, 5, 7, 2, len(OUTCOMES))
    assert outcomes.panel.dtype == np.int64
    assert total(outcomes, "person_seconds") == outcomes.panel.sum() == 3 * END
    assert outcomes.panel[0, 0, 2, 0, OUTCOMES.index("person_seconds")] == 2 * END
    assert outcomes.panel[1, 4, 5, 1, OUTCOMES.index("person_seconds")] == END


def test_those_who_die_or_move_are_counted_to_the_second_and_once() -> None:
    exits = (exit_of(1, 10 * DAY, codes.DIED), exit_of(1, 20 * DAY, codes.MOVED), exit_of(2, 5, codes.MOVED))
    persons = people()
    persons["presence"][1] = codes.DEAD
    outcomes = reduce(exits=exits, persons=persons)
    assert total(outcomes, "person_seconds") == END + 10 * DAY + 5
    assert total(outcomes, "deaths") == 1
    assert outcomes.panel[1, 4, 5, 1, OUTCOMES.index("deaths")] == 1


def test_somebody_who_left_before_the_month_is_not_counted() -> None:
    persons = people()
    persons["presence"][2] = codes.LEFT
    assert total(reduce(persons=persons), "person_seconds") == 2 * END


def test_needs_arise_only_while_present_and_visits_a_team_offers_are_no_needs() -> None:
    created = (
        row(need=1, person=0, status=codes.SCHEDULED, due=3),
        row(need=2, person=1, status=codes.SCHEDULED, due=11 * DAY),  # after death
        row(need=3, person=0, status=codes.SCHEDULED, due=4, need_type=codes.TEAM_REVIEW),
        row(need=4, person=0, status=codes.WAITING, due=99, arose=7),
        row(need=5, person=-1, status=codes.SCHEDULED, due=3, need_type=codes.BACKGROUND_ED),
    )
    outcomes = reduce(created=created, exits=(exit_of(1, 10 * DAY, codes.DIED),))
    assert total(outcomes, "needs") == 2


def test_unmet_needs_are_those_whose_episode_ended_unmet_or_lost() -> None:
    ends = [
        record(need=n, person=0, service=-1, how=codes.ENDED, outcome=outcome, left=5)
        for n, outcome in enumerate((codes.OUT_UNMET, codes.OUT_LOST, codes.OUT_RESOLVED, codes.OUT_DIED))
    ]
    ends.append(record(need=9, person=0, service=-1, outcome=codes.OUT_UNMET, need_type=codes.OUTREACH_VISIT, left=5))
    outcomes = reduce(log=tuple(ends))
    assert total(outcomes, "needs_unmet") == 2
    assert total(outcomes, "lost_handovers") == 0


def test_an_attendance_breaches_when_it_lasts_more_than_four_hours() -> None:
    def stay(seconds: int, how: int = codes.SERVED, started: int = 60) -> np.ndarray:
        return record(person=1, service=ED_SERVICE, how=how, joined=0, started=started, finished=seconds, left=seconds)

    log = (stay(4 * HOUR), stay(4 * HOUR + 1), stay(HOUR, codes.RENEGED, -1), stay(HOUR, codes.MISSED, -1))
    outcomes = reduce(log=log)
    assert total(outcomes, "ed_attendances") == 3
    assert total(outcomes, "ed_breaches") == 1
    assert total(outcomes, "ed_wait_seconds") == 60 + 60 + HOUR  # until seen, or until leaving unseen
    assert total(outcomes, "reneged") == 1
    assert total(outcomes, "missed") == 1


def test_a_bed_stay_is_admitted_once_and_its_seconds_shared_between_months() -> None:
    started, finished, left = 20 * DAY, 40 * DAY, 45 * DAY
    held_at_60 = record(
        need=5, person=1, service=BED_SERVICE, need_type=codes.EXACERBATION, how=codes.SERVED,
        joined=started - 7, started=started, finished=finished, left=left,
    )  # fmt: skip
    in_bed_at_30 = row(
        need=5, person=1, service=BED_SERVICE, need_type=codes.EXACERBATION, status=codes.IN_SERVICE,
        joined=started - 7, started=started,
    )  # fmt: skip
    first = reduce(rows=(in_bed_at_30,))
    second = reduce(log=(held_at_60,), window=(END, 2 * END), memory=first.memory)
    assert total(first, "emergency_admissions") == total(first, "acsc_admissions") == 1
    assert total(second, "emergency_admissions") == total(second, "readmissions") == 0
    assert total(first, "bed_seconds") == 10 * DAY
    assert total(second, "bed_seconds") == 15 * DAY
    assert total(first, "delayed_seconds") == 0
    assert total(second, "delayed_seconds") == 5 * DAY
    assert known_of(first.memory).admitted.tolist() == [5]
    assert known_of(second.memory).admitted.tolist() == []


def test_a_bed_still_held_at_the_months_end_is_delayed_so_far() -> None:
    waiting_for_a_package = row(
        need=5, person=1, service=PACKAGE, status=codes.WAITING, joined=26 * DAY, held=BED_SERVICE,
        held_joined=DAY, held_started=2 * DAY, held_finished=26 * DAY,
    )  # fmt: skip
    outcomes = reduce(rows=(waiting_for_a_package,))
    assert total(outcomes, "bed_seconds") == 28 * DAY
    assert total(outcomes, "delayed_seconds") == 4 * DAY
    assert outcomes.waiting_s.tolist() == [0, 0, DAY, 4 * DAY, 0]
    assert outcomes.inside_s.tolist() == [0, 0, 28 * DAY, 0, 0]


def test_a_second_bed_stay_of_the_same_need_is_a_readmission() -> None:
    def stay(need: int, ordinal: int, started: int) -> np.ndarray:
        return record(need=need, ordinal=ordinal, person=1, service=BED_SERVICE, how=codes.SERVED,
                      joined=started, started=started, finished=started + DAY, left=started + DAY)  # fmt: skip

    same_month = reduce(log=(stay(5, 3, 8 * DAY), stay(5, 1, 2 * DAY), stay(6, 1, 2 * DAY)))
    assert total(same_month, "emergency_admissions") == 3
    assert total(same_month, "readmissions") == 1
    at_home = row(need=5, person=1, status=codes.STAYING, due=END + DAY)
    first = reduce(log=(stay(5, 1, 2 * DAY),), rows=(at_home,))
    later = reduce(log=(stay(5, 3, END + 8 * DAY),), window=(END, 2 * END), memory=first.memory)
    assert total(first, "readmissions") == 0
    assert total(later, "readmissions") == 1


def test_contacts_are_counted_by_kind_and_packages_when_they_start() -> None:
    log = (
        record(person=0, service=GP, how=codes.SERVED, outcome=codes.OUT_REFERRED, joined=5, started=105, left=200),
        record(
            person=0, service=GP, how=codes.SERVED, outcome=codes.OUT_LOST, joined=5, started=10, left=200, ordinal=1
        ),
        record(person=0, service=CORE, how=codes.SERVED, joined=5, started=10, left=200, ordinal=2),
        record(person=0, service=GP, how=codes.DIED, joined=5, left=200, ordinal=3),
    )
    package = row(need=8, person=1, service=PACKAGE, status=codes.IN_SERVICE, joined=5, started=6)
    outcomes = reduce(log=log, rows=(package,))
    assert total(outcomes, "gp_contacts") == 2
    assert total(outcomes, "gp_wait_seconds") == 105
    assert total(outcomes, "core_contacts") == 1
    assert total(outcomes, "package_starts") == 1
    assert total(outcomes, "lost_handovers") == 1


def test_anonymous_patients_count_in_services_but_never_in_the_panel() -> None:
    log = (record(person=-1, service=ED_SERVICE, how=codes.SERVED, joined=0, started=60, finished=90, left=90),)
    in_bed = row(person=-1, service=BED_SERVICE, status=codes.IN_SERVICE, joined=0, started=0)
    outcomes = reduce(log=log, rows=(in_bed,))
    assert outcomes.panel.sum() == 3 * END
    assert outcomes.inside_s.tolist() == [0, 30, END, 0, 0]
    assert outcomes.waits.starts.tolist() == [0, 1, 1, 0, 0]


def test_tallies_of_each_team_are_written_into_its_columns() -> None:
    log = (
        record(person=0, service=GP, how=codes.SERVED, outcome=codes.OUT_REFERRED, joined=5, started=105, left=200),
        record(person=1, service=GP, how=codes.SERVED, outcome=codes.OUT_LOST, joined=5, started=10, left=200),
        record(person=1, service=GP, how=codes.RENEGED, joined=5, left=200),
        record(person=1, service=-1, outcome=codes.OUT_UNMET, left=200),
    )
    outcomes = reduce(log=log, created=(row(need=1, person=1, status=codes.SCHEDULED, due=1),))
    teams = np.zeros(3, TEAM)
    write_tallies(teams, outcomes)
    rows = [[int(team[name]) for name in TALLIES] for team in teams]
    assert rows == [[0, 0, 0, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]


def test_the_order_in_which_records_stand_has_no_say() -> None:
    log = (
        record(need=7, person=0, service=GP, ordinal=0, how=codes.SERVED, joined=1, started=2, finished=3, left=3),
        record(need=7, person=0, service=CORE, ordinal=1, how=codes.SERVED, joined=4, started=5, finished=6, left=6),
        record(need=7, person=0, service=ED_SERVICE, ordinal=2, how=codes.SERVED, joined=7, started=8, left=9),
        record(need=7, person=0, service=BED_SERVICE, ordinal=3, how=codes.SERVED, joined=8, started=9, left=DAY),
        record(need=7, person=0, service=-1, ordinal=4, how=codes.ENDED, joined=0, finished=DAY, left=DAY),
        record(need=8, person=1, service=GP, ordinal=0, how=codes.RENEGED, joined=1, left=3),
        record(need=8, person=1, service=CORE, ordinal=1, how=codes.SERVED, joined=4, started=5, finished=6, left=6),
    )
    one = reduce(log=log)
    for order in ([6, 5, 4, 3, 2, 1, 0], [1, 0, 2, 3, 4, 5, 6], [0, 4, 1, 2, 3, 6, 5], [0, 1, 3, 2, 4, 5, 6]):
        other = reduce(log=tuple(log[place] for place in order))
        for name in ("panel", "flows", "needs", "tallies", "composition"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), (order, name)
        assert np.array_equal(one.memory.episodes, other.memory.episodes)
    assert one.panel[..., OUTCOMES.index("service_changes")].sum() == 3


def test_half_a_million_records_are_folded_in_a_fraction_of_a_second() -> None:
    generator = np.random.default_rng(1)
    count, residents = 500_000, 50_000
    log = np.zeros(count, LOG)
    log["need"] = generator.integers(1, 2**63, count)
    log["person"] = generator.integers(-1, residents, count)
    log["service"] = generator.integers(-1, len(KINDS), count)
    log["joined"] = generator.integers(0, END - 100, count)
    log["started"], log["finished"], log["left"] = log["joined"] + 10, log["joined"] + 40, log["joined"] + 50
    persons = people(residents)
    fastest = min(timed(log, persons) for _ in range(3))
    assert fastest < 0.3, f"took {fastest:.2f} s of processor time"


def timed(log: np.ndarray, persons: np.ndarray) -> float:
    month = ClosedMonth(0, END, log, np.zeros(0, ROW), np.zeros(0, ROW), np.zeros(0, EXIT))
    began = time.process_time()
    reduce_month(month, persons, communities(), services(), 3, Memory())
    return time.process_time() - began
