"""The tags of jobs."""

from collections import Counter

from fastapi import Response
from sqlalchemy import select

from service.database.tables import Job
from service.http.dependencies import DatabaseDep, Limit
from service.http.resource import Resource
from service.http.schemas import ResponseBody, respond

router = Resource("/v1/tags", "Jobs")


class TagCounts(ResponseBody):
    """How many jobs have each tag."""

    data: dict[str, int]


@router.get("", summary="Count tags", response_model=TagCounts)
def count_tags(database: DatabaseDep, limit: Limit = 50) -> Response:
    """The most frequent tags first."""
    with database.read() as session:
        counts = Counter(tag for tags in session.scalars(select(Job.tags)) for tag in tags)
    return respond(TagCounts(data=dict(counts.most_common(limit))))
