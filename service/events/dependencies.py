"""What routes ask for to stream events."""

from typing import Annotated

from service.events.streams import Streams
from service.http.dependencies import from_state

__all__ = ["StreamsDep"]

StreamsDep = Annotated[Streams, from_state("streams")]
