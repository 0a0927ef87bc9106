"""What routes ask for to create jobs, and to follow them."""

from collections.abc import Callable
from typing import Annotated

from service.http.dependencies import from_state
from service.jobs.cached_responses import JobResponses
from service.jobs.feed import Feed

__all__ = ["FeedDep", "JobResponsesDep", "WakeDep"]

FeedDep = Annotated[Feed, from_state("feed")]
JobResponsesDep = Annotated[JobResponses, from_state("job_responses")]
WakeDep = Annotated[Callable[[], None], from_state("wake")]
"""Called when there is a new job, so that a worker in the same process looks at once."""
