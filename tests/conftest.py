"""Fixtures for every test.

``served``: a real service over HTTP, without a worker, one for each module.
``training``: the same with a worker, one for the whole session.
Both are a ``tests.plugins.servers.Served``: ``.url``, ``.client`` (httpx), ``.settings``. A test
that needs other settings uses ``tests.plugins.servers.serving`` as a context manager, with
``migrated_file`` as its template.
"""

from tests.plugins.databases import migrated_file
from tests.plugins.servers import served, training

__all__ = ["migrated_file", "served", "training"]
