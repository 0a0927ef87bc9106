"""The client's method for the tags of jobs."""

from __future__ import annotations

from typing import Any

from trainyard.methods import Resource, S, operation
from trainyard.protocol import request as http
from trainyard.protocol.answers import document
from trainyard.protocol.request import Call, path


class Tags(Resource[S]):
    """The operations on tags."""

    @operation
    @staticmethod
    def count() -> Call[dict[str, Any]]:
        """How many jobs have each tag."""
        return Call(http.get(path("tags")), lambda response: document(response)["data"])
