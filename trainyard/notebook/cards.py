"""Jobs and models as cards of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from trainyard.notebook.curves import losses_svg
from trainyard.records import Epoch, JobRecord, ModelRecord

MAX_INPUTS = 12

_CARD = (
    "border:1px solid rgba(128,128,128,.4);border-radius:8px;padding:12px 14px;max-width:560px;"
    "font:13px/1.5 system-ui,sans-serif;color:inherit"
)
_TABLE = "border-collapse:collapse;margin:6px 0;font:inherit;color:inherit;background:none"
_CELL = "padding:1px 14px 1px 0;text-align:left;vertical-align:top;border:0;background:none"
_STATUS = {"succeeded": "#2e9e5b", "failed": "#d64545", "running": "#3b82c4", "paused": "#c98a1b"}
"""Colours of the dot before a status; any other is grey."""


def job_card(job: JobRecord, epochs: Sequence[Epoch] = ()) -> str:
    """How a job is getting on, with its curves as far as ``epochs`` are known."""
    done = job.progress
    dot = _STATUS.get(job.status, "#888")
    head = (
        f"{_title(job.name, job.id)} <span style='white-space:nowrap'>"
        f"<span aria-hidden='true' style='color:{dot}'>&#9679;</span> {escape(job.status)}</span>"
    )
    facts = {
        "epoch": f"{done.epoch:,} of {done.epochs:,}",
        "stopped": job.stop_reason,
        "failed": f"{job.error.type}: {job.error.detail}" if job.error else None,
        "target": job.target or ", ".join(job.targets),
        "model": job.model_id,
    }
    bar = "" if job.ended else _bar(done.fraction)
    body = bar + losses_svg(epochs, 0 if job.ended else done.epochs)
    return _card(head, body + _measured(job.latest, job.best) + _facts(facts))


def model_card(model: ModelRecord, epochs: Sequence[Epoch] = ()) -> str:
    """What a model predicts and from what, with the curves of its training where they are known."""
    names = [column.name for column in model.inputs]
    more = len(names) - MAX_INPUTS
    facts = {
        "predicts": model.task.target or ", ".join(model.task.targets),
        "classes": ", ".join(map(str, model.task.classes)),
        "from": ", ".join(names[:MAX_INPUTS]) + (f" and {more} more" if more > 0 else ""),
        "layers": ", ".join(_layers(model.spec)) or "none: straight to the output",
        "taken": f"after epoch {model.checkpoint.epoch}" if model.checkpoint else None,
        "job": model.job_id,
    }
    head = f"{_title(model.name, model.id)} {escape(model.task.kind)}"
    return _card(head, losses_svg(epochs) + _facts(facts))


def _title(name: str | None, identity: str) -> str:
    shown = f"<code style='opacity:.7;background:none'>{escape(identity)}</code>"
    return f"<strong>{escape(name)}</strong> {shown}" if name else shown


def _card(head: str, body: str) -> str:
    return f"<div style='{_CARD}'><div>{head}</div>{body}</div>"


def _bar(fraction: float) -> str:
    done = f"{fraction:.1%}"
    return (
        f"<div role='progressbar' aria-label='progress' aria-valuetext='{done}' style='height:4px;"
        "margin:6px 0;border-radius:2px;background:rgba(128,128,128,.25)'><div style='height:4px;"
        f"border-radius:2px;width:{done};background:{_STATUS['running']}'></div></div>"
    )


def _facts(facts: Mapping[str, str | None]) -> str:
    rows = ((name, value) for name, value in facts.items() if value)
    return _table(rows)


def _measured(latest: Epoch | None, best: Epoch | None) -> str:
    """The metrics of the last epoch and of the best, side by side."""
    columns = [
        (f"{word} {part}", getattr(epoch, part) or {})
        for word, epoch in (("latest", latest), ("best", best))
        if epoch
        for part in ("train", "validation")
    ]
    columns = [(word, measured) for word, measured in columns if measured]
    metrics = dict.fromkeys(name for _, measured in columns for name in measured)
    rows = ((name, *(_number(measured.get(name)) for _, measured in columns)) for name in metrics)
    return _table(rows, ("", *(word for word, _ in columns))) if columns else ""


def _table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    lines = [_cells("th", head)] if head else []
    lines += [_cells("th", row[:1]) + _cells("td", row[1:]) for row in rows]
    body = "".join(f"<tr style='background:none'>{line}</tr>" for line in lines)
    return f"<table style='{_TABLE}'>{body}</table>"


def _cells(tag: str, words: Iterable[Any]) -> str:
    style = _CELL + (";font-weight:500;opacity:.75" if tag == "th" else "")
    return "".join(f"<{tag} style='{style}'>{escape(str(word))}</{tag}>" for word in words)


def _number(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.4g}"


def _layers(spec: Mapping[str, Any]) -> list[str]:
    """The hidden layers, each by its kind, what it has most to do with, and its activation."""
    layers = spec.get("network", {}).get("layers", [])
    return [" ".join(map(str, filter(None, _words(layer)))) for layer in layers]


def _words(layer: Mapping[str, Any]) -> Iterable[Any]:
    activation = layer.get("activation")
    named = activation.get("kind") if isinstance(activation, Mapping) else activation
    return layer.get("kind"), layer.get("units") or layer.get("rate"), named
