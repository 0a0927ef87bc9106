import pytest

from benchmarks.agreement import agreements, difference
from benchmarks.roster import LIMIT, OURS
from tests.benchmarks.made import NOISY, TINY, measured


def test_the_first_epoch_counts_in_full_and_later_ones_a_tenth() -> None:
    assert difference([1.0, 0.5], [1.1, 0.5]) == pytest.approx(0.1)
    assert difference([1.0, 0.5], [1.0, 0.6]) == pytest.approx(0.02)


def test_a_peer_agrees_within_the_tolerance_only() -> None:
    found = agreements(
        [TINY],
        [
            measured(TINY, OURS, [1.0], losses=[1.0, 0.5]),
            measured(TINY, "pytorch", [1.0], losses=[1.0, 0.50001]),
            measured(TINY, "jax_scan", [1.0], losses=[1.0, 0.52]),
            measured(TINY, LIMIT, [1.0]),
        ],
    )
    assert {each.contestant: each.holds for each in found} == {"pytorch": True, "jax_scan": False}


def test_random_networks_are_compared_loosely() -> None:
    found = agreements(
        [NOISY],
        [
            measured(NOISY, OURS, [1.0], losses=[1.0]),
            measured(NOISY, "pytorch", [1.0], losses=[0.9]),
        ],
    )
    assert [each.holds for each in found] == [True]


def test_cases_are_not_mixed() -> None:
    found = agreements(
        [TINY, NOISY],
        [
            measured(TINY, OURS, [1.0], losses=[1.0]),
            measured(NOISY, OURS, [1.0], losses=[2.0]),
            measured(TINY, "pytorch", [1.0], losses=[1.0]),
            measured(NOISY, "pytorch", [1.0], losses=[2.0]),
        ],
    )
    assert [(each.case, each.difference) for each in found] == [("tiny", 0.0), ("dropout", 0.0)]
