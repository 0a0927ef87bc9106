"""Trainyard from Python: send a network and data, watch it train, predict.

::

    from trainyard import Client

    with Client() as client:  # TRAINYARD_URL, else http://127.0.0.1:8000
        data = client.datasets.create(file="penguins.csv", target="species")
        job = client.jobs.create(dataset=data, training={"epochs": 60})
        for event in job.events():
            print(event)
        print(job.model().predict([{"island": "Biscoe", "body_mass_g": 5000}]))

``AsyncClient`` has the same methods, to be awaited. Errors are in ``trainyard.errors``, results in
``trainyard.results`` and ``trainyard.insights``, events in ``trainyard.events``; all of them can be
imported from here. Names are loaded when they are first used, so that the command line starts at
once.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainyard.async_client import *  # noqa: F403
    from trainyard.client import *  # noqa: F403
    from trainyard.errors import *  # noqa: F403
    from trainyard.events import *  # noqa: F403
    from trainyard.insights import *  # noqa: F403
    from trainyard.protocol.retry import *  # noqa: F403
    from trainyard.results import *  # noqa: F403

_SOURCES = (
    "trainyard.async_client",
    "trainyard.client",
    "trainyard.errors",
    "trainyard.events",
    "trainyard.insights",
    "trainyard.results",
    "trainyard.protocol.retry",
)


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        for source in _SOURCES:
            module = importlib.import_module(source)
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
