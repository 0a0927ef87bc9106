"""What the client reads of the API has the fields that the API sends."""

from __future__ import annotations

import pytest

import service.epochs.schemas
import service.jobs.schemas
import trainyard.records
from service.http.schemas import ResponseBody
from trainyard.records import Result


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (service.epochs.schemas.Epoch, trainyard.records.Epoch),
        (service.jobs.schemas.Progress, trainyard.records.Progress),
    ],
)
def test_each_field_that_is_sent_is_read(sent: type[ResponseBody], read: type[Result]) -> None:
    assert set(read.__annotations__) == set(sent.model_fields)
