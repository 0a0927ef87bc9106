"""Datasets whose rows are images: said by the caller, or by the file."""

import io
from typing import Any

import numpy as np
import pytest

from tests.plugins.servers import Served

PIXELS = np.arange(5 * 2 * 3, dtype=np.float64).reshape(5, 2, 3)
LABELS = np.array([0, 1, 0, 1, 1])


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def send(served: Served, content: bytes, **fields: str) -> dict[str, Any]:
    answer = served.client.post("/v1/datasets", files={"file": ("a.npz", content)}, data=fields)
    assert answer.status_code in {200, 201}, answer.text
    dataset: dict[str, Any] = answer.json()
    return dataset


def flipped(served: Served, dataset: str, **size: int) -> Any:
    body = {"dataset": dataset, "augmentation": [{"kind": "flip"} | size], "validation": "none"}
    return served.client.post("/v1/jobs?validate_only=true", json=body)


def test_an_archive_of_images_says_so_itself(served: Served) -> None:
    dataset = send(served, archive(x=PIXELS, label=LABELS), target="label")
    assert dataset["image"] == {"width": 3, "height": 2, "channels": 1}
    plan = flipped(served, dataset["id"]).json()
    assert (plan["spec"]["augmentation"][0]["width"], plan["features"][1]) == (3, "x_0_1")
    in_colour = send(served, archive(x=np.ones((5, 2, 3, 4)), label=LABELS), target="label")
    assert in_colour["image"] == {"width": 3, "height": 2, "channels": 4}


def test_other_columns_make_no_image(served: Served) -> None:
    assert send(served, archive(x=PIXELS, label=LABELS))["image"] is None
    assert send(served, archive(x=PIXELS[:, 0], label=LABELS), target="label")["image"] is None


def test_a_caller_may_say_so(served: Served) -> None:
    flat = archive(x=PIXELS.reshape(5, 6), label=LABELS)
    plain = send(served, flat, target="label")
    dataset = send(served, flat, target="label", image="3x2")
    assert dataset["id"] != plain["id"], "another dataset, though of the same content"
    assert dataset["image"] == {"width": 3, "height": 2, "channels": 1}
    refused = flipped(served, plain["id"]).json()["errors"]
    assert refused[0]["pointer"] == "/augmentation/0/width"
    assert flipped(served, plain["id"], width=2, height=3).status_code == 200
    rows = {"columns": ["a", "b", "y"], "rows": [[1, 2, 0], [3, 4, 1]], "target": "y"}
    answer = served.client.post("/v1/datasets", json=rows | {"image": {"width": 2, "height": 1}})
    assert answer.json()["image"] == {"width": 2, "height": 1, "channels": 1}


def test_the_digits_know_their_size(served: Served) -> None:
    dataset = served.client.post("/v1/datasets", json={"builtin": "digits"}).json()
    assert dataset["image"] == {"width": 8, "height": 8, "channels": 1}


@pytest.mark.parametrize(("image", "pointer"), [("3x3", "/image"), ("3 by 2", "/image")])
def test_sizes_that_do_not_fit(served: Served, image: str, pointer: str) -> None:
    content = archive(x=PIXELS.reshape(5, 6), label=LABELS)
    fields = {"target": "label", "image": image}
    answer = served.client.post("/v1/datasets", files={"file": ("a.npz", content)}, data=fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
