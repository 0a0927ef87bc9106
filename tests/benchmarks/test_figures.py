import pytest

from benchmarks import figures
from benchmarks.roster import LIMIT, OURS
from tests.benchmarks.made import TINY, measured


def test_the_median_of_turns_has_quartiles() -> None:
    spread = figures.epoch_seconds(measured(TINY, OURS, [5.0, 1.0, 2.0, 4.0, 3.0]))
    assert spread == (3.0, 2.0, 4.0)


def test_few_turns_have_extremes() -> None:
    assert figures.epoch_seconds(measured(TINY, OURS, [3.0, 1.0, 2.0])) == (2.0, 1.0, 3.0)


def test_all_copies_count_for_jobs_per_second() -> None:
    one = figures.jobs_per_second(measured(TINY, OURS, [0.01]))
    assert one == pytest.approx(1.0)  # a hundred epochs of ten milliseconds
    assert figures.jobs_per_second(measured(TINY, OURS, [0.01], [0.005])) == pytest.approx(3 * one)


def test_alone_everyone_has_the_better_number_of_threads() -> None:
    runs = [
        measured(TINY, OURS, [1.0], threads=1),
        measured(TINY, OURS, [2.0], threads=2),
        measured(TINY, "pytorch", [4.0], threads=1),
        measured(TINY, "pytorch", [3.0], threads=2),
        measured(TINY, "pytorch", [0.1], [0.1]),
    ]
    best = figures.alone(runs)
    assert {name: one.threads for name, one in best.items()} == {OURS: 1, "pytorch": 2}
    assert figures.speedup(best) == pytest.approx(3.0)


def test_ratios_are_taken_round_by_round() -> None:
    slowed = measured(TINY, OURS, [1.0, 10.0, 100.0])
    assert figures.times_as_fast(slowed, measured(TINY, "pytorch", [2.0, 20.0, 200.0])) == 2.0


def test_every_copy_counts_in_a_speedup() -> None:
    shared = {
        OURS: measured(TINY, OURS, [1.0], [0.5]),
        "pytorch": measured(TINY, "pytorch", [1.0], [1.0]),
    }
    assert figures.speedup(shared) == pytest.approx(1.5)


def test_only_copies_at_once_count_per_core() -> None:
    shared = measured(TINY, OURS, [1.0], [1.0])
    assert figures.per_core([measured(TINY, OURS, [1.0]), shared]) == {OURS: shared}


def test_the_speedup_is_over_the_fastest_peer_and_never_over_the_limit() -> None:
    runs = {
        OURS: measured(TINY, OURS, [2.0]),
        "pytorch": measured(TINY, "pytorch", [9.0]),
        "jax_scan": measured(TINY, "jax_scan", [3.0]),
        LIMIT: measured(TINY, LIMIT, [1.0]),
    }
    assert figures.speedup(runs) == pytest.approx(1.5)
    assert figures.speedup({OURS: runs[OURS], LIMIT: runs[LIMIT]}) is None


def test_the_share_of_the_limit_is_locked_with_equal_threads() -> None:
    runs = [
        measured(TINY, OURS, [2.0], threads=1),
        measured(TINY, OURS, [1.0], threads=2),
        measured(TINY, LIMIT, [1.8], threads=1),
        measured(TINY, LIMIT, [0.8], threads=2),
    ]
    assert figures.shares_of_limit(runs) == pytest.approx({1: 0.9, 2: 0.8})


def test_the_geometric_mean_of_a_ratio_and_its_inverse_is_one() -> None:
    assert figures.geometric_mean([4.0, 0.25]) == pytest.approx(1.0)
