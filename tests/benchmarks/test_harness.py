"""What the benchmarks share: medians, the order of the runs, the climb to the rate that is held."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.cron_lines import cron_fields
from benchmarks.harness import Case, Figures, Row, matching, measure, table
from benchmarks.steady import Hold, climb


def test_cases_run_in_turn_and_backwards_every_second_time() -> None:
    order: list[str] = []

    def case(name: str) -> Case:
        def note() -> Figures:
            order.append(name)
            return {"seconds": float(len(order))}

        return Case(name, note)

    rows, failed = measure([case("a"), case("b")], runs=3)

    assert failed == []
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [row.name for row in rows] == ["a", "b"]
    assert [len(row.runs) for row in rows] == [3, 3]


def test_a_case_that_fails_takes_no_other_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = iter([{"seconds": 1.0}])

    def fail_the_second_time() -> Figures:
        for figures in outcomes:
            return figures
        raise SystemExit("Filling took too long.")

    cases = [Case("peer", fail_the_second_time), Case("ours", lambda: {"seconds": 2.0})]

    rows, failed = measure(cases, runs=4)

    assert failed == ["peer"]
    assert [(row.name, len(row.runs)) for row in rows] == [("ours", 4)]
    assert "peer failed: Filling took too long." in capsys.readouterr().err


def test_a_table_has_the_medians_and_leaves_out_what_a_case_lacks() -> None:
    rows = [
        Row("ours", [{"seconds": 3.0, "missing": 0.0}, {"seconds": 1.0, "missing": 0.0}] * 2),
        Row("floor", [{"seconds": 0.5}]),
    ]

    lines = list(table(rows))

    assert lines == [
        "| case | seconds | missing |",
        "|---|---|---|",
        "| ours | 2 | 0 |",
        "| floor | 0.5 |  |",
    ]


def test_a_name_of_no_case_ends_the_program() -> None:
    with pytest.raises(SystemExit, match="No case has 'mysql'"):
        matching([Case("SQLite", dict)], "mysql")


def hold_up_to(most: int) -> tuple[list[int], Hold]:
    asked: list[int] = []

    def hold(rate: int) -> Figures:
        asked.append(rate)
        return {"lateness_p99_ms": 10.0 * rate, "unrecorded": 0 if rate <= most else 1}

    return asked, hold


@pytest.mark.parametrize(
    ("most", "held", "steps"),
    [(99, 3, [1, 2, 3]), (2, 2, [1, 2, 3]), (1, 1, [1, 2]), (0, 0, [1])],
)
def test_a_climb_ends_at_the_first_rate_that_is_not_held(
    most: int, held: int, steps: list[int]
) -> None:
    asked, hold = hold_up_to(most)

    figures = climb([1, 2, 3], hold)

    assert figures["held_per_s"] == held
    assert asked == steps
    assert figures["lateness_p99_ms"] == 10.0 * max(held, 1)


def test_a_rate_at_which_executions_start_late_is_not_held() -> None:
    figures = climb([30], lambda rate: {"lateness_p99_ms": 251.0, "unrecorded": 0})

    assert figures["held_per_s"] == 0


def test_cron_lines_differ_and_none_fires_soon() -> None:
    lines = [cron_fields(number) for number in range(15_180)]

    assert len({tuple(line.items()) for line in lines}) == len(lines)
    today = date.today()
    soon = {today.month, today.month % 12 + 1}
    assert not soon & {int(line["month"]) for line in lines}
