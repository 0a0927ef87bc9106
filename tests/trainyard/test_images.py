"""Images from Python: rows and files."""

from __future__ import annotations

import io

import numpy as np

from trainyard import Client


def test_rows_and_files_may_be_images(service: Client) -> None:
    rows = [[0.0, 1.0, 0], [1.0, 0.0, 1]]
    made = service.datasets.create(rows=rows, columns=["a", "b", "y"], target="y", image=(1, 2))
    assert made.image == {"width": 1, "height": 2, "channels": 1}
    file = io.BytesIO()
    np.savez(file, x=np.ones((4, 6)), y=np.array([0, 1, 0, 1]))
    sent = service.datasets.create(content=file.getvalue(), target="y", image=(1, 2, 3))
    assert sent.image == {"width": 1, "height": 2, "channels": 3}
