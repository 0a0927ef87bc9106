from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.case import Case
from benchmarks.contestants.answers import JOB_EPOCHS, Answers
from benchmarks.contestants.base import Epoch
from benchmarks.contestants.matrix_products import MatrixProducts, products
from benchmarks.contestants.scikit_learn import ScikitLearn
from benchmarks.contestants.trainyard_engine import Engine
from benchmarks.handed import Handed
from benchmarks.handing import hand
from benchmarks.measuring import ONE_THREAD, Effort, measure
from benchmarks.roster import LIMIT, OURS, ROSTER
from benchmarks.variants import variants
from engine import Optimizer
from tests.benchmarks.made import NOISY, TINY


class SlowToStart:
    """A trainer whose first epoch seems to be slow."""

    def __init__(self, handed: Handed) -> None:
        assert handed.case == TINY

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        assert shuffle
        yield Epoch(100.0, None)
        while True:
            yield Epoch(1.0, None)


def test_the_first_epoch_of_a_job_is_not_timed() -> None:
    answers = Answers(SlowToStart, hand(TINY))
    turn = answers.turn(seconds=3.0 * JOB_EPOCHS)
    assert turn["epochs"] == 3 * JOB_EPOCHS
    assert turn["slowest"] == turn["median"] == 1.0


def test_a_turn_takes_its_seconds() -> None:
    assert Answers(SlowToStart, hand(TINY)).turn(seconds=7.0)["epochs"] == 7


def test_a_turn_is_at_least_one_epoch() -> None:
    assert Answers(SlowToStart, hand(TINY)).turn(seconds=0.1)["epochs"] == 1


def test_long_turns_need_fewer_rounds() -> None:
    effort = Effort(rounds=5)
    assert [effort.rounds_left(done, 0.3) for done in range(6)] == [True] * 5 + [False]
    assert [effort.rounds_left(done, 3.0) for done in range(4)] == [True] * 3 + [False]


def test_what_is_handed_over_comes_through_files(tmp_path: Path) -> None:
    given = hand(TINY)
    given.save(tmp_path)
    read = Handed.load(tmp_path)
    assert read.case == TINY
    np.testing.assert_array_equal(read.inputs, given.inputs)
    assert [weight.shape for weight in read.weights] == [(16, 2), (16, 16), (1, 16)]


def test_whole_batches_leave_the_last_rows_out() -> None:
    cut = hand(TINY).whole_batches()
    assert (cut.case.shape.rows, len(cut.inputs), len(cut.labels)) == (992, 992, 992)


def test_a_peer_that_is_always_installed_learns_the_same() -> None:
    handed = hand(TINY).whole_batches()
    ours, theirs = (
        [epoch.loss for epoch in islice(trainer(handed).train(shuffle=False), 3)]
        for trainer in (Engine, ScikitLearn)
    )
    assert ours == pytest.approx(theirs, rel=1e-3)


def test_matrix_products_are_those_of_forward_and_backward() -> None:
    shapes = [(a.shape, b.shape) for a, b, _ in products((2, 16, 1), 32, "float32")]
    assert shapes == [
        ((32, 2), (2, 16)),
        ((16, 32), (32, 2)),
        ((32, 16), (16, 1)),
        ((1, 32), (32, 16)),
        ((32, 1), (1, 16)),
    ]
    assert next(MatrixProducts(hand(TINY)).train(shuffle=True)).seconds > 0


def test_every_optimizer_of_the_engine_is_varied() -> None:
    varied = {case.optimizer["kind"] for case in variants()}
    assert varied == {member.kind_name() for member in Optimizer.members()}


@pytest.mark.parametrize("case", variants(), ids=lambda case: case.name)
def test_variants_survive_json_and_have_a_peer(case: Case) -> None:
    assert Case.from_json(case.to_json()) == case
    assert [each for each in ROSTER.values() if each.is_peer and each.takes(case)]


def test_what_a_peer_lacks_it_is_not_asked_for() -> None:
    assert not ROSTER["scikit_learn"].takes(NOISY)
    assert ROSTER["scikit_learn"].takes(TINY)


def test_contestants_take_turns_in_processes_of_their_own() -> None:
    found = list(
        measure(
            TINY,
            [ROSTER[OURS], ROSTER[LIMIT]],
            ONE_THREAD,
            Effort(rounds=2, seconds=0.001),
        )
    )
    assert [one.contestant for one in found] == [OURS, LIMIT]
    assert [len(one.copies[0].turns) for one in found] == [2, 2]
    ours, limit = found
    assert ours.losses is not None
    assert ours.losses[-1] < ours.losses[0]
    assert limit.losses is None
    assert any(each["internal_api"] == "openblas" for each in ours.copies[0].libraries)
