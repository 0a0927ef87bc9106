"""Cards and curves: what they show, that they are safe, and how they change while a job trains."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.trainyard.waiting import client_of
from trainyard import Client, Epoch, EpochEvent, Job, Model
from trainyard.notebook.cards import job_card, model_card
from trainyard.notebook.curves import losses_svg
from trainyard.notebook.live import POINTS, Cards, notebook

EVIL = "<script>alert('x')</script> & \"more\""


def epoch(
    number: int, train: float | None, validation: float | None = None, *, fold: int = 0
) -> Epoch:
    unseen = None if validation is None else {"loss": validation}
    return Epoch(seq=number, epoch=number, fold=fold, train={"loss": train}, validation=unseen)


def lines(svg: str) -> list[list[tuple[float, float]]]:
    """The points of every line; raises if the drawing is not well-formed."""
    drawn = ET.fromstring(svg).findall(".//polyline")
    pairs = [[point.split(",") for point in line.attrib["points"].split()] for line in drawn]
    return [[(float(x), float(y)) for x, y in line] for line in pairs]


def drawing(card: str) -> str:
    return card[card.index("<svg") : card.index("</svg>") + len("</svg>")]


def tags(html: str) -> set[str]:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.seen: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.add(tag)
            assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)

    reader = Reader()
    reader.feed(html)
    return reader.seen


def test_losses_fall_from_left_to_right() -> None:
    svg = losses_svg([epoch(1, 0.9, 0.95), epoch(2, 0.5, 0.7), epoch(3, 0.4, 0.8)], last=6)
    train, validation = lines(svg)
    assert [len(train), len(validation)] == [3, 3]
    assert train[0][1] < train[1][1] < train[2][1], "downwards, as SVG counts from the top"
    assert [x for x, _ in train] == [x for x, _ in validation]
    ends = [float(text) for text in re.findall(r">(\d[\d.]*)</text>", svg)]
    assert ends == [0.95, 0.4, 1, 6]
    assert 'aria-label="Loss of train and validation over 6 epochs"' in svg


def test_what_is_not_a_number_leaves_a_gap() -> None:
    first, second = lines(losses_svg([epoch(1, 3.0), epoch(2, 2.0), epoch(3, None), epoch(4, 1.0)]))
    assert [len(first), len(second)] == [2, 2]
    assert second[0] == second[1], "a dot"
    assert losses_svg([epoch(1, None)]) == losses_svg([]) == ""


def test_every_fold_has_its_line() -> None:
    epochs = [epoch(1, 3.0, fold=1), epoch(1, 4.0, fold=2), epoch(2, 2.0, fold=1)]
    assert [len(line) for line in lines(losses_svg(epochs))] == [2, 2]


def test_orders_of_magnitude_are_drawn_on_a_logarithmic_scale() -> None:
    (line,) = lines(losses_svg([epoch(1, 1.0), epoch(2, 0.1), epoch(3, 0.01)]))
    assert line[1][1] - line[0][1] == pytest.approx(line[2][1] - line[1][1], abs=0.2)
    (line,) = lines(losses_svg([epoch(1, 1.0), epoch(2, 0.5), epoch(3, 0.0)]))
    assert line[1][1] - line[0][1] == pytest.approx(line[2][1] - line[1][1], abs=0.2)


def test_cards_are_safe_whatever_they_hold() -> None:
    task = {"kind": "multiclass", "target": EVIL, "classes": [EVIL, True, 3]}
    error = {"type": "diverged", "detail": EVIL}
    job = Job(id=EVIL, name=EVIL, status="failed", target=EVIL, error=error)
    model = Model(id=EVIL, name=EVIL, task=task, inputs=[{"name": EVIL, "kind": "float"}])
    for card in (job_card(job), model_card(model)):
        assert "script" not in tags(card)
        assert "alert(&#x27;x&#x27;)" in card


def test_a_model_tells_its_layers() -> None:
    layers = [
        {"kind": "dense", "units": 32, "activation": {"kind": "tanh"}},
        {"kind": "dropout", "rate": 0.1},
    ]
    model = Model(
        id="mdl_1",
        task={"kind": "regression", "targets": ["a", "b"]},
        spec={"network": {"layers": layers}},
        inputs=[{"name": f"x{place}", "kind": "float"} for place in range(20)],
    )
    card = model_card(model)
    assert "dense 32 tanh, dropout 0.1" in card
    assert "x11 and 8 more" in card


def test_long_trainings_are_thinned_out() -> None:
    shown: list[str] = []
    time = 0.0
    cards = Cards(shown.append, clock=lambda: time)
    cards.show(Job(id="job_1", status="running", progress={"epochs": 5000}), [])
    for number in range(1, 5001):
        time = float(number == 5000)
        cards.take(EpochEvent(seq=number, epoch=epoch(number, 1 / number)))
    assert len(shown) == 2, "no time had passed before the last epoch"
    (line,) = lines(drawing(shown[-1]))
    assert POINTS <= len(line) <= 2 * POINTS
    assert line[-1] == max(line), "the last epoch is there, on the right"


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_a_job_is_watched_until_it_ends(service: Client, kind: str) -> None:
    shown: list[str] = []
    with client_of(kind, service.base_url) as client:
        job = client.jobs.create(dataset={"kind": "two_moons"}, training={"epochs": 40, "seed": 1})
        ended = job.watch(shown.append)
        assert (ended.status, ended.id) == ("succeeded", job.id)
        assert "progressbar" in shown[0]
        assert "progressbar" not in shown[-1]
        (train, _) = lines(drawing(shown[-1]))
        assert len(train) == 40
        again: list[str] = []
        ended.watch(again.append)
        assert again[-1] == shown[-1]


def test_without_a_notebook_lines_are_written(
    service: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    job = service.jobs.create(dataset="iris", training={"epochs": 3, "seed": 1}).watch()
    told = capsys.readouterr().out.splitlines()
    assert told[-1].startswith(f"{job.id}  succeeded  epoch 3/3  train loss 0.")


def test_a_card_brings_its_curves_where_they_can_be_had(service: Client) -> None:
    job = service.jobs.create(dataset="iris", training={"epochs": 3, "seed": 1}).wait()
    with Client(service.base_url) as client:
        job = client.jobs.get(job)
        model = job.model()
        assert "<polyline" in job._repr_html_()
        assert "<polyline" in model._repr_html_()
    assert Job.model_validate(job.model_dump())._repr_html_().startswith("<div")


def test_a_card_that_cannot_wait_brings_the_curves_it_came_with(
    service: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(kernel="there")
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with client_of("AsyncClient", service.base_url) as client:
        job = client.jobs.create(dataset="iris", training={"epochs": 3, "seed": 1})
        assert "<polyline" not in job._repr_html_()
        ended = job.wait()
        for shown in (ended, job.refresh(), ended.model()):
            (train, _) = lines(drawing(shown._repr_html_()))
            assert len(train) == 3
        del shell.kernel
        assert "<polyline" not in job.refresh()._repr_html_(), "nobody would look at it"


def test_a_notebook_is_drawn_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[str] = []

    def display(_first: str, *, display_id: bool) -> Any:
        assert display_id
        return SimpleNamespace(update=updates.append)

    shell = SimpleNamespace()
    ipython = SimpleNamespace(
        get_ipython=lambda: shell, display=SimpleNamespace(HTML=str, display=display)
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert notebook() is None, "a terminal shows no HTML"
    shell.kernel = "there"
    show = notebook()
    assert show is not None
    show("one")
    show("two")
    assert updates == ["one", "two"]
