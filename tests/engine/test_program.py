"""Programs: one path compiled and not, no allocation in the loop, the interpreter left free."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numba import njit
from numba.core.runtime import nrt

from engine import Adam, Dense, Dropout, NoValidation, Recipe, TrainingSpec
from engine.activations import Linear, Tanh
from engine.kernels import COMPILED, random_bits
from engine.losses import CrossEntropy, MeanSquaredError
from engine.program.network import Network, NetworkSpec
from engine.program.program import Program
from engine.randomness import Purpose, key, stream
from engine.regularizers import L2
from tests.engine.paths import paths
from tests.engine.samples import gradient_program, regression_table, start

ROOT = Path(__file__).parents[2]


def test_plain_python_takes_the_same_path() -> None:
    """With the compiler off, the same source gives the same run to 1e-12."""
    assert COMPILED, "the tests run compiled"
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.engine.paths"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    plain, ours = json.loads(finished.stdout), paths()
    assert plain.keys() == ours.keys()
    for name, theta in ours.items():
        np.testing.assert_allclose(theta, plain[name], rtol=1e-12, atol=1e-12, err_msg=name)


def some_program(rows: int = 64, width: int = 16) -> tuple[Program, Any, Any]:
    program = gradient_program(
        [Dense(units=width, activation=Tanh()), Dropout(rate=0.2), Dense(units=width)],
        task="regression",
        loss=MeanSquaredError(),
        regularizers=[L2()],
        optimizer=Adam(),
        capacity=8,
        batch_size=8,
    )
    x = np.random.default_rng(0).normal(size=(rows, 3))
    return program, x, x[:, :1].copy()


def train(program: Program, x: Any, targets: Any, steps: int) -> None:
    """Steps of one long epoch: the rows come again and again."""
    order = np.resize(np.arange(len(x)), steps * program.batch_size)
    arguments: Any = {"position": 0, "step": 0, "run_key": np.uint64(1)}
    rates, totals = np.full(steps, 1e-4), program.totals()
    assert program.train(x, targets, order, rates=rates, totals=totals, **arguments) == steps


class TestMemory:
    def test_what_is_walked_begins_at_lines_of_the_cache(self) -> None:
        """Wherever the process finds memory: a vector that crosses two lines takes two loads."""
        programs = [some_program(width=width)[0] for width in range(1, 20)]
        arrays = [each for p in programs for each in (p.theta, p.gradient, p.slots)]
        assert {array.ctypes.data % 64 for array in arrays} == {0}

    def test_a_step_allocates_no_array(self) -> None:
        """Counted inside the compiled code: as many for a thousand steps as for ten."""
        program, x, targets = some_program()
        train(program, x, targets, steps=1)
        counter: Any = nrt
        counter._nrt.memsys_enable_stats()
        try:
            counts = []
            for steps in (10, 1000):
                before = counter.rtsys.get_allocation_stats()
                train(program, x, targets, steps)
                counts.append(counter.rtsys.get_allocation_stats().alloc - before.alloc)
        finally:
            counter._nrt.memsys_disable_stats()
        assert counts[0] == counts[1]

    def test_the_count_would_notice_an_allocation(self) -> None:
        def zeros(times: int) -> float:
            total = 0.0
            for _ in range(times):
                total += np.zeros(times).sum()
            return total

        counter: Any = nrt
        allocate: Any = njit(cast("Any", zeros))
        allocate(1)
        counter._nrt.memsys_enable_stats()
        try:
            before = counter.rtsys.get_allocation_stats().alloc
            allocate(10)
            assert counter.rtsys.get_allocation_stats().alloc >= before + 10
        finally:
            counter._nrt.memsys_disable_stats()

    def test_the_peak_does_not_grow_with_the_epochs(self) -> None:
        """Seen from Python: a long run needs no more than a short one."""
        peaks = []
        for epochs in (900, 2700):
            recipe = Recipe(
                network=NetworkSpec(layers=[Dense(units=8), Dropout()]),
                training=TrainingSpec(epochs=epochs, seed=0, precision="float64", batch_size=4),
                validation=NoValidation(),
            )
            running = start(recipe, regression_table(200)).events()
            for _ in range(5):
                next(running)
            tracemalloc.start()
            for _ in running:
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] + 32_768, "one order of rows kept per epoch would be 1.4 MB"

    def test_all_rows_of_a_large_table_pass_through_a_small_capacity(self) -> None:
        program, x, _ = some_program(rows=1000)
        whole = program.predict(x)
        np.testing.assert_allclose(program.predict(x[500:501])[0], whole[500], rtol=1e-13)
        totals = program.totals()
        program.evaluate(x, whole, totals)
        assert (totals[0], totals[1]) == (0.0, 1000.0)


def test_python_goes_on_while_a_network_trains() -> None:
    """The weights are seen to move in the middle of one call, which a held lock would forbid."""
    program, x, targets = some_program(rows=256, width=64)
    ready = threading.Event()

    def work() -> None:
        ready.set()
        train(program, x, targets, steps=20_000)

    worker = threading.Thread(target=work)
    train(program, x, targets, steps=1)
    seen = {float(program.theta[0])}
    worker.start()
    ready.wait()
    while worker.is_alive():
        seen.add(float(program.theta[0]))
    worker.join()
    seen.add(float(program.theta[0]))
    assert len(seen) > 10


class TestDivergence:
    def test_stops_before_the_step_that_has_no_loss(self) -> None:
        program, x, targets = some_program()
        targets[40:48] = np.inf
        order = np.arange(64)
        arguments: Any = {"position": 0, "step": 0, "run_key": np.uint64(1)}
        done = program.train(
            x, targets, order, rates=np.full(8, 1e-3), totals=program.totals(), **arguments
        )
        assert done == 5
        assert np.isfinite(program.theta).all()
        kept = program.theta.copy()
        arguments["position"] = 5
        again = program.train(
            x, targets, order, rates=np.full(3, 1e-3), totals=program.totals(), **arguments
        )
        assert again == 0
        np.testing.assert_array_equal(program.theta, kept)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("task", ["binary", "multiclass"])
    def test_cross_entropy_notices_too(self, value: float, task: Any) -> None:
        program = gradient_program(task=task, loss=CrossEntropy(), capacity=4, batch_size=4)
        program.theta[0] = value
        arguments: Any = {"position": 0, "step": 0, "run_key": np.uint64(1)}
        done = program.train(
            np.ones((4, 3)),
            np.zeros((4, 1)),
            np.arange(4),
            rates=np.ones(1),
            totals=program.totals(),
            **arguments,
        )
        assert done == 0


class TestDropout:
    def mask(self, rate: float, noise: int, layers: int = 1) -> Any:
        """What is left of ones: the gradient of the output's weight shows it."""
        units, rows = 200, 50
        program = gradient_program(
            [Dropout(rate=rate)] * layers,
            task="regression",
            loss=MeanSquaredError(),
            inputs=units,
            capacity=rows,
        )
        program.theta[:] = 0
        kept = []
        for row in range(rows):
            program.loss_and_gradient(
                np.ones((1, units)), np.array([[-0.5]]), np.uint64(noise + row)
            )
            kept.append(program.network.named(program.gradient)["output.weight"][0].copy())
        return np.array(kept)

    @pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
    def test_rate_and_scale(self, rate: float) -> None:
        kept = self.mask(rate, noise=1)
        assert (kept == 0).mean() == pytest.approx(rate, abs=0.02)
        np.testing.assert_allclose(kept[kept != 0], 1 / (1 - rate), rtol=1e-12)

    def test_the_key_decides(self) -> None:
        np.testing.assert_array_equal(self.mask(0.5, noise=1), self.mask(0.5, noise=1))
        assert (self.mask(0.5, noise=1) != self.mask(0.5, noise=1001)).mean() > 0.4

    def test_layers_draw_masks_of_their_own(self) -> None:
        kept = self.mask(0.5, noise=1, layers=2)
        assert (kept != 0).mean() == pytest.approx(0.25, abs=0.02)

    def test_nothing_is_dropped_from_a_prediction(self) -> None:
        program = gradient_program(
            [Dropout(rate=0.9)], task="regression", loss=MeanSquaredError(), capacity=4
        )
        x = np.random.default_rng(2).normal(size=(4, 3))
        weight, bias = program.network.named(program.theta).values()
        np.testing.assert_allclose(program.predict(x), x @ weight.T + bias, rtol=1e-14)


class TestRandomBits:
    def test_splitmix64(self) -> None:
        """The first numbers of the published generator for the seed 1234567."""
        with np.errstate(over="ignore"):
            found = [int(random_bits(np.uint64(1234567), np.uint64(i))) for i in range(3)]
        assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]

    def test_streams_of_different_purposes_are_independent(self) -> None:
        draws = [stream(7, purpose).normal(size=2000) for purpose in Purpose]
        correlations = np.corrcoef(draws) - np.eye(len(draws))
        assert np.abs(correlations).max() < 0.1
        assert len({int(key(7, purpose)) for purpose in Purpose}) == len(Purpose)

    def test_streams_of_different_places_are_independent(self) -> None:
        draws = [stream(7, Purpose.SHUFFLE, epoch).normal(size=2000) for epoch in range(5)]
        assert np.abs(np.corrcoef(draws) - np.eye(5)).max() < 0.1


def test_several_outputs_of_a_regression() -> None:
    """The engine trains any number of outputs at once, each with metrics of its own."""
    program = Program(
        Network(NetworkSpec(), 3, 2, Linear()),
        loss=MeanSquaredError(),
        task="regression",
        dtype=np.dtype("float64"),
        capacity=4,
        optimizer=Adam(),
    )
    x, targets = np.ones((4, 3)), np.array([[1.0, 3.0]] * 4)
    totals = program.totals()
    program.evaluate(x, targets, totals)
    assert totals.tolist() == [4 * (1 + 9) / 2, 4.0, 4.0, 4.0, 12.0, 36.0]
    assert program.loss_and_gradient(x, targets, np.uint64(0)) == 5.0
