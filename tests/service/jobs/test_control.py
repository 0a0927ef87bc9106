"""What an attempt is asked, and which request wins."""

import pytest

from service.worker.control import Control, StopRequest


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        (StopRequest.PAUSE, StopRequest.CANCEL, StopRequest.CANCEL),
        (StopRequest.CANCEL, StopRequest.PAUSE, StopRequest.CANCEL),
        (StopRequest.STOP, StopRequest.PAUSE, StopRequest.STOP),
        (StopRequest.STOP, StopRequest.CANCEL, StopRequest.CANCEL),
        (StopRequest.CANCEL, StopRequest.ABANDON, StopRequest.ABANDON),
        (StopRequest.ABANDON, StopRequest.STOP, StopRequest.ABANDON),
    ],
)
def test_the_more_urgent_request_wins(
    first: StopRequest, second: StopRequest, wins: StopRequest
) -> None:
    control = Control()
    assert control.requested() is None
    control.ask(first)
    control.ask(second)
    assert control.requested() is wins


def test_a_pause_may_be_taken_back_but_nothing_else() -> None:
    control = Control()
    control.follow("pause")
    assert control.requested() is StopRequest.PAUSE
    control.follow(None)
    assert control.requested() is None
    control.follow("cancel")
    control.follow(None)
    assert control.requested() is StopRequest.CANCEL
