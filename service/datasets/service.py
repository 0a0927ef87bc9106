"""From what a caller sends to a dataset that is kept: read, understood, stored, recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from engine import InvalidData, Task, infer_task
from engine.augmentation import ImageSize
from engine.errors import json_pointer
from service.database.tables import Dataset
from service.datasets import repository as datasets
from service.datasets.builtin import BuiltIn
from service.datasets.builtin_frames import builtin
from service.datasets.formats.parsing import read_rows, read_upload
from service.datasets.frame import Frame, Limits
from service.datasets.schemas import (
    DatasetCreate,
    DatasetPreview,
    Image,
    PreviewColumn,
    TaskKind,
    UploadFields,
)
from service.datasets.schemas import Task as TaskResponse
from service.datasets.storage import Storage
from service.datasets.stored import store
from service.http.errors import Invalid
from service.recipes import spec_to_json
from service.settings import Settings

__all__ = [
    "ParsedDataset",
    "from_builtin",
    "from_file",
    "from_request",
    "keep",
    "limits",
    "preview",
    "targets",
]


@dataclass(frozen=True)
class ParsedDataset:
    """Data that were read and understood, and are not kept yet."""

    frame: Frame
    source: dict[str, Any]
    name: str
    task: Task | None
    image: ImageSize | None = None


def limits(settings: Settings) -> Limits:
    """How much one dataset may be."""
    return Limits(
        bytes=settings.max_body_bytes,
        # Whoever lets large files in has the memory to read them.
        decoded_bytes=max(Limits.decoded_bytes, 2 * settings.max_body_bytes),
        rows=settings.max_rows,
        columns=settings.max_columns,
    )


def targets(one: str | None, several: Sequence[str] | None) -> str | Sequence[str] | None:
    """What a request names as its target or targets. Raises Invalid if that cannot be."""
    if several is None:
        return one
    if one is not None:
        raise Invalid.at("/targets", "Name one target, or several targets, not both.")
    repeated = next((name for name in several if list(several).count(name) > 1), None)
    if repeated is not None:
        raise Invalid.at("/targets", f"The target {repeated!r} is named twice.")
    return several[0] if len(several) == 1 else several


def from_builtin(
    spec: BuiltIn,
    name: str | None = None,
    wanted: str | Sequence[str] | None = None,
    task: TaskKind | None = None,
) -> ParsedDataset:
    """Data that the service brings along."""
    frame = builtin(spec)
    source = spec_to_json(spec)
    known = _task(frame, wanted, task)
    return ParsedDataset(frame, source, name or spec.kind_name(), known, frame.image)


def from_request(wanted: DatasetCreate, most: Limits) -> ParsedDataset:
    """Rows or built-in data. Raises Invalid with a pointer to the row and the column."""
    aim = targets(wanted.target, wanted.targets)
    if wanted.builtin is not None:
        return from_builtin(wanted.builtin, wanted.name, aim, wanted.task)
    form = "records" if wanted.rows is None else "rows"
    try:
        frame = read_rows(_records(wanted), most)
    except InvalidData as error:
        place: list[str | int] = [] if error.row is None else [error.row]
        if error.row is not None and error.column is not None:
            names = wanted.columns or []
            place.append(error.column if form == "records" else names.index(error.column))
        raise _at(error, json_pointer(form, *place)) from None
    task = _task(frame, aim, wanted.task)
    image = _image(frame, task, wanted.image)
    return ParsedDataset(frame, {"kind": "rows"}, wanted.name or "rows", task, image)


def from_file(file: BinaryIO, filename: str, fields: UploadFields, most: Limits) -> ParsedDataset:
    """A file of any known format. Raises Invalid at "/file", with the row and the column."""
    try:
        frame = read_upload(file, most)
    except InvalidData as error:
        raise _at(error, "/file") from None
    source = {"kind": "upload", "format": frame.format, "file": filename}
    task = _task(frame, targets(fields.target, fields.targets), fields.task)
    image = _image(frame, task, fields.size)
    return ParsedDataset(frame, source, fields.name or filename, task, image)


def keep(parsed: ParsedDataset, storage: Storage) -> Callable[[Session], tuple[Dataset, bool]]:
    """Store the rows; what is given back records them, and says whether they are new."""
    stored = store(parsed.frame, storage)

    def record(session: Session) -> tuple[Dataset, bool]:
        datasets.hold_content(session, stored.key)
        if not storage.contains(stored.key):
            # The last dataset of this very content was deleted a moment ago.
            store(parsed.frame, storage)
        return datasets.create(
            session,
            name=parsed.name,
            sha256=stored.sha256,
            storage_key=stored.key,
            source=parsed.source,
            rows=stored.rows,
            size_bytes=stored.size_bytes,
            columns=stored.statistics_json(),
            task=None if parsed.task is None else parsed.task.to_json(),
            image=None if parsed.image is None else parsed.image._asdict(),
            warnings=list(stored.warnings),
        )

    return record


def preview(parsed: ParsedDataset, limit: int) -> DatasetPreview:
    """What would be kept, with rows from all of it."""
    frame = parsed.frame
    some = frame.data.gather_every(max(1, -(-frame.rows // limit)))
    return DatasetPreview(
        name=parsed.name,
        rows=frame.rows,
        columns=[PreviewColumn(name=name, kind=kind) for name, kind in frame.kinds.items()],
        task=None if parsed.task is None else TaskResponse.model_validate(parsed.task.to_json()),
        image=None if parsed.image is None else Image.model_validate(parsed.image),
        warnings=list(frame.warnings),
        data=some.to_dicts(),
    )


def _records(wanted: DatasetCreate) -> list[dict[str, Any]]:
    if wanted.rows is None:
        return wanted.records or []
    names = wanted.columns or []
    if len(set(names)) != len(names):
        raise Invalid.at("/columns", "The names of columns must differ.")
    for row, values in enumerate(wanted.rows):
        if len(values) != len(names):
            message = f"Row {row} has {len(values)} values instead of {len(names)}."
            raise InvalidData(message, row=row)
    return [dict(zip(names, values, strict=True)) for values in wanted.rows]


def _task(frame: Frame, wanted: str | Sequence[str] | None, kind: TaskKind | None) -> Task | None:
    wanted = wanted or frame.target
    if wanted is not None:
        return infer_task(frame.to_table(), wanted, kind)
    if kind is not None:
        raise Invalid.at("/task", "A task needs a target: name the column to predict.")
    return None


def _image(frame: Frame, task: Task | None, wanted: Image | None) -> ImageSize | None:
    """The size that is asked for, or else that of the file, if it fits the inputs."""
    kinds = frame.kinds
    inputs = [name for name in kinds if task is None or name not in task.targets]
    fitting = len(inputs) if all(kinds[name] != "string" for name in inputs) else 0
    if wanted is None:
        return frame.image if frame.image and frame.image.numbers == fitting else None
    size = ImageSize(wanted.width, wanted.height, wanted.channels)
    if size.numbers != fitting:
        raise Invalid.at(
            "/image",
            f"Images of {' x '.join(map(str, size))} numbers (width, height, channels) need "
            f"{size.numbers:,} columns of numbers besides the target, and nothing else; there are "
            f"{len(inputs):,} columns.",
        )
    return size


def _at(error: InvalidData, pointer: str) -> Exception:
    """The same error with a place in the request; one about the amount of data stays as it is."""
    if type(error) is not InvalidData:
        return error
    return Invalid.at(pointer, error.message, row=error.row, column=error.column)
