"""What an attempt is asked, and which request wins."""

import pytest

from service.worker.control import Control, Request


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        (Request.PAUSE, Request.CANCEL, Request.CANCEL),
        (Request.CANCEL, Request.PAUSE, Request.CANCEL),
        (Request.STOP, Request.PAUSE, Request.STOP),
        (Request.STOP, Request.CANCEL, Request.CANCEL),
        (Request.CANCEL, Request.ABANDON, Request.ABANDON),
        (Request.ABANDON, Request.STOP, Request.ABANDON),
    ],
)
def test_the_more_urgent_request_wins(first: Request, second: Request, wins: Request) -> None:
    control = Control()
    assert control.requested() is None
    control.ask(first)
    control.ask(second)
    assert control.requested() is wins


def test_a_pause_may_be_taken_back_but_nothing_else() -> None:
    control = Control()
    control.follow("pause")
    assert control.requested() is Request.PAUSE
    control.follow(None)
    assert control.requested() is None
    control.follow("cancel")
    control.follow(None)
    assert control.requested() is Request.CANCEL
