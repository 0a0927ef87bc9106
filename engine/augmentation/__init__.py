"""Augmentations: what is done to the rows of a mini-batch, so that no two epochs are the same."""

from engine.augmentation.base import Augmentation
from engine.augmentation.images import Flip, ImageAugmentation, ImageSize, Rotate, Shift
from engine.augmentation.masking import Masking
from engine.augmentation.mixup import Mixup
from engine.augmentation.noise import Noise

__all__ = [
    "Augmentation",
    "Flip",
    "ImageAugmentation",
    "ImageSize",
    "Masking",
    "Mixup",
    "Noise",
    "Rotate",
    "Shift",
]
