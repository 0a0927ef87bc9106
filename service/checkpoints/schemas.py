"""Checkpoints: states of a job that can be taken out, or trained on."""

from datetime import datetime

from service.epochs.schemas import Epoch
from service.http.schemas import Page, ResponseBody


class CheckpointTaken(ResponseBody):
    """What never changes about a checkpoint."""

    seq: int
    """The place of this checkpoint in the job's sequence of events."""
    epoch: int
    """After how many whole epochs."""
    step: int
    """After how many updates of the parameters."""
    fold: int
    """Which fold of the data was held out; 0 without cross-validation."""
    partial: bool
    """Whether it was taken in the middle of the next epoch, to go on from."""
    size_bytes: int
    sha256: str
    """The digest of the whole state: equal states have equal digests."""
    weights_sha256: str
    """The digest of the parameters alone."""
    created_at: datetime


class Checkpoint(CheckpointTaken):
    """The state of a job after an epoch, and what it is good for by now."""

    best: bool
    """Whether it is the best so far: the one that the model stands for."""
    last: bool
    """Whether it is the latest."""
    available: bool
    """Whether its state is still kept; only the best, the last and the newest few are."""
    metrics: Epoch | None
    """The measurements of its epoch."""


class CheckpointPage(Page[Checkpoint]):
    """Checkpoints, newest first."""


class CheckpointUsed(ResponseBody):
    """Which state of the model answered."""

    seq: int
    epoch: int
