"""Augmentations: what each does to the rows of a mini-batch, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from engine import Dense, InvalidSpec, Network, NetworkSpec, Recipe, TrainingSpec
from engine.activations import Linear
from engine.augmentation import Augmentation, Flip, Masking, Mixup, Noise, Rotate, Shift
from engine.losses import CrossEntropy, MeanSquaredError, TaskKind
from engine.optimizers import SGD
from engine.program.program import Program
from tests.engine.samples import FLOAT64, classes_table, regression_table, run

HEIGHT, WIDTH, CHANNELS = 5, 4, 2
PIXELS = HEIGHT * WIDTH * CHANNELS
SIZE: dict[str, Any] = {"height": HEIGHT, "width": WIDTH, "channels": CHANNELS}
Numbers = NDArray[Any]


def augmented(
    augmentation: Augmentation,
    x: Numbers,
    targets: Numbers | None = None,
    task: TaskKind = "regression",
    draw: int = 1,
) -> tuple[Numbers, Numbers]:
    """Rows and targets after the augmentation."""
    loss = MeanSquaredError() if task == "regression" else CrossEntropy()
    outputs = 3 if task == "multiclass" else 1
    network = Network(NetworkSpec(), x.shape[1], outputs, Linear())
    program = Program(
        network,
        loss=loss,
        task=task,
        dtype=FLOAT64,
        capacity=len(x),
        batch_size=len(x),
        optimizer=SGD(),
        augmentation=[augmentation],
    )
    program.load(x, np.zeros((len(x), 1)) if targets is None else targets)
    return program.augment(np.uint64(draw))


def images(rows: int = 200) -> Numbers:
    return np.random.default_rng(0).normal(size=(rows, PIXELS))


def as_image(row: Numbers) -> Numbers:
    return row.reshape(HEIGHT, WIDTH, CHANNELS)


def test_noise_has_its_deviation_and_no_mean() -> None:
    x = images()
    noise = augmented(Noise(deviation=0.5), x)[0] - x
    assert noise.std() == pytest.approx(0.5, rel=0.02)
    assert abs(noise.mean()) < 0.02
    assert abs(np.corrcoef(noise[0], noise[1])[0, 1]) < 0.5


def test_masking_hides_its_share_and_nothing_else() -> None:
    x = images()
    found = augmented(Masking(rate=0.3, value=7.0), x)[0]
    hidden = found == 7.0
    assert hidden.mean() == pytest.approx(0.3, abs=0.02)
    assert np.array_equal(found[~hidden], x[~hidden])


def test_mixed_rows_lie_between_two_rows_and_so_do_their_targets() -> None:
    random = np.random.default_rng(1)
    x = np.eye(40)
    targets = random.normal(size=(40, 1))
    rows, answers = augmented(Mixup(alpha=1.0), x, targets)
    assert np.allclose(rows.sum(axis=1), 1)
    assert ((rows > 0).sum(axis=1) <= 2).all()
    assert np.allclose(rows @ targets, answers)
    assert 0.3 < np.diag(rows).mean() < 0.7


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0])
def test_shares_have_the_moments_of_the_beta_distribution(alpha: float) -> None:
    rows, _ = augmented(Mixup(alpha=alpha), np.eye(2000))
    shares = np.diag(rows)
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), abs=0.015)


def test_a_mixed_row_has_either_class_as_often_as_it_consists_of_it() -> None:
    classes = (np.arange(3000) % 3).astype(float)[:, np.newaxis]
    rows, answers = augmented(Mixup(alpha=1.0), np.eye(3000), classes, "multiclass")
    own = np.diag(rows)
    stayed = (answers == classes)[:, 0]
    partners = classes[(rows - np.diag(own)).argmax(axis=1)]
    other = (partners != classes)[:, 0]
    assert (stayed | (answers == partners)[:, 0]).all()
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        part = other & (own >= low) & (own < high)
        if part.any():
            assert stayed[part].mean() == pytest.approx(own[part].mean(), abs=0.08)


def test_a_single_row_is_mixed_with_nothing() -> None:
    x = images(1)
    assert np.array_equal(augmented(Mixup(), x)[0], x)


def test_shifts_are_those_of_scipy() -> None:
    x = images(60)
    found, _ = augmented(Shift(pixels=2, **SIZE), x)
    distances = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
    seen = set()
    for before, after in zip(x, found, strict=True):
        fitting = [
            distance
            for distance in distances
            if np.allclose(
                ndimage.shift(as_image(before), (*distance, 0), order=0, mode="nearest"),
                as_image(after),
            )
        ]
        assert len(fitting) == 1
        seen.add(fitting[0])
    assert len(seen) > 15


def test_flips_are_those_of_numpy() -> None:
    x = images(400)
    found, _ = augmented(Flip(horizontal=0.5, vertical=0.25, **SIZE), x)
    counts = dict.fromkeys(((), (0,), (1,), (0, 1)), 0)
    for before, after in zip(x, found, strict=True):
        old, new = as_image(before), as_image(after)
        (axes,) = [axes for axes in counts if np.array_equal(np.flip(old, axes), new)]
        counts[axes] += 1
    assert counts[(1,)] + counts[(0, 1)] == pytest.approx(200, abs=40)
    assert counts[(0,)] + counts[(0, 1)] == pytest.approx(100, abs=35)


def test_rotations_are_those_of_scipy() -> None:
    x = images(8)
    found, _ = augmented(Rotate(degrees=30, **SIZE), x)
    row, column = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), indexing="ij")
    up, along = row - (HEIGHT - 1) / 2, column - (WIDTH - 1) / 2

    def turned(image: Numbers, angle: float) -> Numbers:
        places = [
            np.cos(angle) * up - np.sin(angle) * along + (HEIGHT - 1) / 2,
            np.sin(angle) * up + np.cos(angle) * along + (WIDTH - 1) / 2,
        ]
        layers = [
            ndimage.map_coordinates(image[:, :, k], places, order=1, mode="nearest")
            for k in range(CHANNELS)
        ]
        return np.stack(layers, axis=2)

    angles = []
    for before, after in zip(x, found, strict=True):
        old, new = as_image(before), as_image(after)
        tried = np.deg2rad(np.linspace(-30, 30, 2001))
        best = min(tried, key=lambda angle: float(np.abs(turned(old, angle) - new).sum()))
        assert np.allclose(turned(old, best), new, atol=0.01)
        angles.append(best)
    assert min(angles) < -0.1
    assert max(angles) > 0.1


@pytest.mark.parametrize(
    "augmentation", [Noise(), Masking(), Mixup(), Shift(**SIZE), Flip(**SIZE), Rotate(**SIZE)]
)
def test_it_follows_from_the_key_alone(augmentation: Augmentation) -> None:
    x = images(8)
    first, again, other = (augmented(augmentation, x, draw=draw)[0] for draw in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


RECIPE = Recipe(
    network=NetworkSpec(layers=[Dense(units=4)]),
    training=TrainingSpec(epochs=3, batch_size=8, seed=7),
)


@pytest.mark.parametrize("table", [regression_table(), classes_table(classes=2), classes_table()])
def test_training_changes_and_validation_does_not(table: Any) -> None:
    plain = run(RECIPE, table)
    noisy = run(replace(RECIPE, augmentation=[Noise(deviation=1e-9), Mixup()]), table)
    assert noisy.state.weights_sha256 != plain.state.weights_sha256
    still = run(replace(RECIPE, augmentation=[Noise(deviation=1e-30)]), table)
    assert still.epochs[-1].validation == plain.epochs[-1].validation
    assert still.state.weights_sha256 == plain.state.weights_sha256


@pytest.mark.parametrize(
    ("augmentation", "pointer"),
    [(Shift(), "/augmentation/1/width"), (Flip(width=2, height=2), "/augmentation/1/width")],
)
def test_images_of_another_size_are_refused(augmentation: Augmentation, pointer: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        run(replace(RECIPE, augmentation=[Noise(), augmentation]), regression_table())
    assert refused.value.pointer == pointer
