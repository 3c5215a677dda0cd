"""Spells, conveyances and journeys, on episodes small enough to follow by hand."""

from __future__ import annotations

import numpy as np

from sim import codes
from sim.outcomes.by_events import events_of, known_of
from sim.outcomes.panel import OUTCOMES
from sim.outcomes.reducer import Memory, MonthOutcomes, reduce_month
from tests.outcomes_oracle import differences
from tests.unit.test_outcomes_reducer import DAY, END, HOUR, ClosedMonth, communities, people, record, row, total

GP, ED, BED, UNIT, CREW, UTC, NURSE = range(7)
KINDS = (
    codes.GP,
    codes.ED,
    codes.BED,
    codes.ASSESSMENT,
    codes.AMBULANCE,
    codes.URGENT_TREATMENT,
    codes.COMMUNITY,
)


def reduce(
    log: tuple[np.ndarray, ...] = (),
    rows: tuple[np.ndarray, ...] = (),
    window: tuple[int, int] = (0, END),
    memory: Memory | None = None,
) -> MonthOutcomes:
    from sim.engines.records import EXIT, LOG, ROW, SERVICE

    services = np.zeros(len(KINDS), SERVICE)
    services["kind"] = KINDS
    month = ClosedMonth(
        *window,
        np.concatenate([np.zeros(0, LOG), *log]),
        np.concatenate([np.zeros(0, ROW), *rows]),
        np.zeros(0, ROW),
        np.zeros(0, EXIT),
    )
    found = reduce_month(month, people(), communities(), services, 3, memory or Memory())
    assert differences(found, month, people(), communities(), services, 3, memory or Memory()) == []
    return found


def stay(service: int, ordinal: int, joined: int, started: int, left: int, **more: int) -> np.ndarray:
    times = {"joined": joined, "started": started, "finished": left, "left": left}
    return record(
        need=5, person=1, service=service, ordinal=ordinal, how=codes.SERVED, **times, **{"outcome": 0, **more}
    )


def test_a_bed_that_follows_the_assessment_unit_is_the_same_admission() -> None:
    unit = stay(UNIT, 1, HOUR, HOUR, 9 * HOUR)
    bed = stay(BED, 2, 8 * HOUR, 9 * HOUR, 3 * DAY)  # the unit is held until the bed is free
    outcomes = reduce(log=(unit, bed))
    assert total(outcomes, "emergency_admissions") == total(outcomes, "assessment_admissions") == 1
    assert total(outcomes, "readmissions") == total(outcomes, "zero_day_spells") == 0
    assert (total(outcomes, "longer_spells"), total(outcomes, "spell_days")) == (1, 3)
    assert total(outcomes, "assessment_seconds") == 8 * HOUR
    assert total(outcomes, "bed_seconds") == 3 * DAY - 9 * HOUR


def test_a_spell_that_ends_on_the_day_it_began_is_a_zero_day_spell() -> None:
    outcomes = reduce(log=(stay(UNIT, 1, HOUR, HOUR, 20 * HOUR),))
    assert (total(outcomes, "zero_day_spells"), total(outcomes, "spell_days")) == (1, 0)
    overnight = reduce(log=(stay(UNIT, 1, 23 * HOUR, 23 * HOUR, 25 * HOUR),))
    assert (total(overnight, "zero_day_spells"), total(overnight, "spell_days")) == (0, 1)


def test_a_stay_after_going_home_is_a_readmission() -> None:
    outcomes = reduce(log=(stay(BED, 1, 0, 0, DAY), stay(BED, 2, 3 * DAY, 3 * DAY, 4 * DAY)))
    assert total(outcomes, "emergency_admissions") == total(outcomes, "longer_spells") == 2
    assert total(outcomes, "readmissions") == 1


def test_a_spell_over_a_months_end_is_admitted_once_and_discharged_once() -> None:
    in_unit = row(need=5, person=1, service=UNIT, status=codes.IN_SERVICE, ordinal=1, joined=END - HOUR,
                  started=END - HOUR)  # fmt: skip
    first = reduce(rows=(in_unit,))
    unit = stay(UNIT, 1, END - HOUR, END - HOUR, END + 4 * HOUR)
    bed = stay(BED, 2, END + 3 * HOUR, END + 4 * HOUR, END + 2 * DAY)
    second = reduce(log=(unit, bed), window=(END, 2 * END), memory=first.memory)
    assert [total(one, "emergency_admissions") for one in (first, second)] == [1, 0]
    assert [total(one, "longer_spells") for one in (first, second)] == [0, 1]
    assert total(second, "spell_days") == 3  # the night over the month's end is one of them
    assert known_of(second.memory).spells.need.tolist() == []


def test_a_crew_that_takes_someone_to_ed_has_conveyed_them() -> None:
    crew = stay(CREW, 1, 0, 600, 4000, priority=1, acuity=0)
    at_ed = stay(ED, 2, 3000, 4000, 9000, acuity=2)
    treated_at_home = record(need=6, person=0, service=CREW, how=codes.SERVED, joined=0, started=5, left=99, priority=2)
    outcomes = reduce(log=(crew, at_ed, treated_at_home))
    assert [total(outcomes, f"ambulance_category_{n}") for n in (1, 2, 3, 4)] == [0, 1, 1, 0]
    assert [total(outcomes, f"conveyed_category_{n}") for n in (1, 2, 3, 4)] == [0, 1, 0, 0]
    assert [total(outcomes, f"conveyed_acuity_{n}") for n in (1, 2, 3, 4)] == [0, 0, 1, 0]
    assert [total(outcomes, f"ed_acuity_{n}") for n in (1, 2, 3, 4)] == [0, 0, 1, 0]


def test_someone_who_goes_to_ed_days_after_the_crew_left_was_not_conveyed() -> None:
    outcomes = reduce(log=(stay(CREW, 1, 0, 600, 4000), stay(ED, 2, 2 * DAY, 2 * DAY + 5, 3 * DAY)))
    assert sum(total(outcomes, f"conveyed_category_{n}") for n in (1, 2, 3, 4)) == 0
    assert total(outcomes, "ambulance_contacts") == 1


def test_urgent_treatment_counts_apart_from_ed() -> None:
    outcomes = reduce(log=(stay(UTC, 1, 0, 600, 4000, acuity=3),))
    assert total(outcomes, "urgent_treatment_attendances") == total(outcomes, "urgent_treatment_acuity_4") == 1
    assert total(outcomes, "ed_attendances") == 0


def test_a_story_is_repeated_at_a_service_new_to_the_episode() -> None:
    contacts = (stay(GP, 1, 0, 1, 2), stay(NURSE, 2, 5, 6, 7), stay(GP, 3, 8, 9, 10))
    still_open = row(need=5, person=1, status=codes.STAYING, due=2 * END)
    first = reduce(log=contacts, rows=(still_open,))
    assert (total(first, "service_changes"), total(first, "stories_repeated"), total(first, "episodes")) == (2, 1, 0)
    later = (stay(NURSE, 4, END, END + 1, END + 2), stay(BED, 5, END + 3, END + 4, END + 5),
             record(need=5, person=1, service=-1, how=codes.ENDED, left=END + 5))  # fmt: skip
    second = reduce(log=later, window=(END, 2 * END), memory=first.memory)
    # back to the nurse is no new story, to the ward it is
    assert (total(second, "service_changes"), total(second, "stories_repeated"), total(second, "episodes")) == (2, 1, 1)
    assert known_of(second.memory).journeys.need.tolist() == []


def test_staff_seconds_leave_out_time_only_held() -> None:
    held = stay(GP, 1, 0, 100, 700)
    held["finished"] = 400
    outcomes = reduce(log=(held,))
    assert total(outcomes, "gp_staff_seconds") == 300
    assert outcomes.inside_s[GP] == 600


def test_every_column_of_the_panel_is_filled_from_an_event() -> None:
    from sim.engines.records import EXIT, LOG, ROW, SERVICE

    empty = ClosedMonth(0, END, np.zeros(0, LOG), np.zeros(0, ROW), np.zeros(0, ROW), np.zeros(0, EXIT))
    assert set(OUTCOMES) == set(events_of(empty, people(), np.zeros(1, SERVICE), Memory()))


def test_deaths_are_told_by_class_where_the_rules_say() -> None:
    from sim.engines.records import EXIT, LOG, ROW, SERVICE

    services = np.zeros(1, SERVICE)
    exits = np.zeros(2, EXIT)
    exits["person"], exits["time"], exits["how"] = (0, 1), (5, 9), (codes.DIED, codes.DIED)
    empty = np.zeros(0, LOG), np.zeros(0, ROW), np.zeros(0, ROW)
    month = ClosedMonth(0, END, *empty, exits, np.array([1, 2]))
    outcomes = reduce_month(month, people(), communities(), services, 3, Memory())
    told = [total(outcomes, f"deaths_{name}") for name in ("treatable", "preventable", "other")]
    assert (told, total(outcomes, "deaths")) == ([0, 1, 1], 2)


def test_stocks_count_hidden_conditions_and_the_caseload_of_those_still_there() -> None:
    from sim.engines.records import EXIT, LOG, ROW, SERVICE
    from sim.outcomes.stocks import STOCKS

    persons = people()
    persons["conditions"], persons["known"] = (0b111, 0b1, 0), (0b100, 0b1, 0)
    persons["enrolled"] = (1, 1, 0)
    persons["unmet"] = (0.5, 0.25, 0.125)
    exits = np.zeros(1, EXIT)
    exits["person"], exits["time"], exits["how"] = 1, 7, codes.MOVED
    month = ClosedMonth(0, END, np.zeros(0, LOG), np.zeros(0, ROW), np.zeros(0, ROW), exits)
    outcomes = reduce_month(month, persons, communities(), np.zeros(1, SERVICE), 3, Memory())
    found = dict(zip(STOCKS, outcomes.stocks.sum(axis=(0, 1, 2, 3)).tolist(), strict=True))
    assert (found["people"], found["enrolled"]) == (2, 1)
    assert (found["conditions"], found["hidden_conditions"]) == (3, 2)
    assert found["unmet_thousandths"] == 625


def test_needs_are_told_by_type_and_people_by_group() -> None:
    end = record(need=1, person=0, service=-1, how=codes.ENDED, outcome=codes.OUT_UNMET, need_type=codes.PREVENTION,
                 left=5)  # fmt: skip
    outcomes = reduce(log=(end,))
    assert outcomes.needs[0, 0, codes.PREVENTION].tolist() == [0, 1, 0, 0]
    assert outcomes.composition[..., 0].sum() == outcomes.mortality[..., 0].sum() == 3 * END


def test_what_the_reducer_remembers_of_open_episodes() -> None:
    in_bed = row(need=5, person=1, service=BED, status=codes.IN_SERVICE, ordinal=1, joined=1, started=2)
    at_home = row(need=7, person=0, status=codes.STAYING, due=2 * END)
    seen = record(need=7, person=0, service=GP, how=codes.SERVED, joined=1, started=2, left=3)
    known = known_of(reduce(log=(seen,), rows=(in_bed, at_home)).memory)
    assert (known.admitted.tolist(), known.spells.need.tolist(), known.journeys.need.tolist()) == ([5], [5], [7])
    assert known.journeys.seen.tolist() == [1 << codes.GP]
    assert known.last.need.tolist() == [7]
