"""Shift, flip and rotate: for rows that are images.

A row is an image line by line, each line pixel by pixel, each pixel channel by channel. What is
beyond its border is like the border. The pixels should have one common scale: standardized one by
one, a pixel means something else at another place.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from annotated_types import Ge, Gt, Le

from engine.augmentation.base import Augmentation
from engine.errors import InvalidSpec
from engine.kernels import (
    Array,
    Kernel,
    Number,
    jittable,
    put,
    random_bits,
    random_uniform,
    view,
)
from engine.losses import TaskKind

__all__ = ["Flip", "ImageAugmentation", "ImageSize", "Rotate", "Shift"]

Extent = Annotated[int, Ge(1), Le(10_000)]


class ImageSize(NamedTuple):
    """How the numbers of a row make up an image: pixels of a line, lines, numbers of a pixel."""

    width: int
    height: int
    channels: int = 1

    @property
    def numbers(self) -> int:
        """How many numbers an image has in all."""
        return self.width * self.height * self.channels


@dataclass(frozen=True, kw_only=True)
class ImageAugmentation(Augmentation):
    """A change of rows that are images."""

    width: Extent | None = None
    """Pixels of a line; by default those of the dataset's images."""
    height: Extent | None = None
    """Lines of an image; by default those of the dataset's images."""
    channels: Extent | None = None
    """Numbers of a pixel; by default those of the dataset's images, or else 1."""

    def check(self, features: int) -> None:
        if self.width is None or self.height is None:
            raise InvalidSpec(
                "The dataset does not say how large its images are: give width and height, and "
                "channels if a pixel has several numbers.",
                "/width",
            )
        size = ImageSize(self.width, self.height, self.channels or 1)
        if size.numbers != features:
            raise InvalidSpec(
                f"Images of {' x '.join(map(str, size))} numbers (width, height, channels) do not "
                f"fit rows of {features} features.",
                "/width",
            )

    def sized(self, size: ImageSize) -> Self:
        """The augmentation with the size left open set to that of the dataset's images."""
        own = {name: getattr(self, name) for name in size._fields}
        return replace(self, **{n: own[n] or value for n, value in size._asdict().items()})

    def shape(self) -> tuple[float, ...]:
        """Height, width and channels, with which the constants of image kernels begin."""
        return (float(self.height or 0), float(self.width or 0), float(self.channels or 1))


@dataclass(frozen=True, kw_only=True)
class Shift(ImageAugmentation):
    """Moves images by a few pixels, in either direction.

    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998.
    """

    __equation__ = r"x_{r,c} \leftarrow x_{r-u,\,c-v}, \quad u, v \in \{-s, \dots, s\}"
    kind: Literal["shift"] = "shift"
    pixels: Annotated[int, Ge(1), Le(1000)] = 1
    """The largest distance s, along lines and along columns."""

    def kernel(self) -> Kernel:
        return shift

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (*self.shape(), float(self.pixels))


@dataclass(frozen=True, kw_only=True)
class Flip(ImageAugmentation):
    """Mirrors images, left and right or top and bottom.

    Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012.
    """

    __equation__ = r"x_{r,c} \leftarrow x_{r,\,W-1-c} \;\text{ with probability } p"
    kind: Literal["flip"] = "flip"
    horizontal: Annotated[float, Ge(0), Le(1)] = 0.5
    """The probability of changing left and right."""
    vertical: Annotated[float, Ge(0), Le(1)] = 0.0
    """The probability of changing top and bottom."""

    def kernel(self) -> Kernel:
        return flip

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (*self.shape(), self.horizontal, self.vertical)


@dataclass(frozen=True, kw_only=True)
class Rotate(ImageAugmentation):
    """Turns images around their centre; between pixels values are interpolated linearly.

    Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to
    visual document analysis", 2003.
    """

    __equation__ = r"x_{p} \leftarrow x_{R(\alpha)\,p}, \quad \alpha \sim \mathcal{U}(-a, a)"
    kind: Literal["rotate"] = "rotate"
    degrees: Annotated[float, Gt(0), Le(180)] = 10.0
    """The largest angle a, either way round."""

    def kernel(self) -> Kernel:
        return rotate

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (*self.shape(), float(np.deg2rad(self.degrees)))


@jittable
def within(place: Number, extent: int) -> int:
    """The pixel index that is nearest to ``place`` within an image of this extent."""
    inside: int = min(max(place, 0), extent - 1)
    return inside


def shift(x: Array, spare: Array, constants: Array, operation_key: Number) -> None:
    """Shift every image by a distance of its own."""
    height, width, channels = int(constants[0]), int(constants[1]), int(constants[2])
    most = int(constants[3])
    before = view(spare, 0, x.shape[0], x.shape[1])
    put(before, x)
    for i in range(x.shape[0]):
        choices = np.uint64(2 * most + 1)
        down = np.int64(random_bits(operation_key, np.uint64(2 * i)) % choices) - most
        right = np.int64(random_bits(operation_key, np.uint64(2 * i + 1)) % choices) - most
        for r in range(height):
            line = within(r - down, height) * width
            for c in range(width):
                here, there = (
                    (r * width + c) * channels,
                    (line + within(c - right, width)) * channels,
                )
                for k in range(channels):
                    x[i, here + k] = before[i, there + k]


def flip(x: Array, spare: Array, constants: Array, operation_key: Number) -> None:
    """Mirror every image sideways, and upside down, each with a probability of its own."""
    height, width, channels = int(constants[0]), int(constants[1]), int(constants[2])
    before = view(spare, 0, x.shape[0], x.shape[1])
    put(before, x)
    for i in range(x.shape[0]):
        sideways = random_uniform(operation_key, np.uint64(2 * i)) < np.float64(constants[3])
        over = random_uniform(operation_key, np.uint64(2 * i + 1)) < np.float64(constants[4])
        for r in range(height):
            line = (height - 1 - r if over else r) * width
            for c in range(width):
                column = width - 1 - c if sideways else c
                here, there = (r * width + c) * channels, (line + column) * channels
                for k in range(channels):
                    x[i, here + k] = before[i, there + k]


def rotate(x: Array, spare: Array, constants: Array, operation_key: Number) -> None:
    """Rotate every image by an angle of its own."""
    height, width, channels = int(constants[0]), int(constants[1]), int(constants[2])
    middle_row, middle_column = (height - 1) / 2.0, (width - 1) / 2.0
    before = view(spare, 0, x.shape[0], x.shape[1])
    put(before, x)
    for i in range(x.shape[0]):
        angle = (2.0 * random_uniform(operation_key, np.uint64(i)) - 1.0) * np.float64(constants[3])
        cosine, sine = np.cos(angle), np.sin(angle)
        for r in range(height):
            for c in range(width):
                up, along = r - middle_row, c - middle_column
                row = cosine * up - sine * along + middle_row
                column = sine * up + cosine * along + middle_column
                for k in range(channels):
                    value = interpolated(before[i], height, width, channels, row, column, k)
                    x[i, (r * width + c) * channels + k] = value


@jittable
def interpolated(
    image: Array, height: int, width: int, channels: int, row: float, column: float, k: int
) -> Number:
    """The value between the four pixels around a place, of channel k."""
    top, left = int(np.floor(row)), int(np.floor(column))
    below, beside = image.dtype.type(row - top), image.dtype.type(column - left)
    first, second = within(top, height) * width, within(top + 1, height) * width
    near, far = within(left, width), within(left + 1, width)
    upper = (1 - beside) * image[(first + near) * channels + k]
    upper += beside * image[(first + far) * channels + k]
    lower = (1 - beside) * image[(second + near) * channels + k]
    lower += beside * image[(second + far) * channels + k]
    return (1 - below) * upper + below * lower
