"""Datasets: tables to learn from."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from service.datasets.builtin import BuiltIn
from service.datasets.statistics import ColumnStatistics
from service.http.schemas import Label, Name, Page, RequestBody, ResponseBody
from service.rows.schemas import Cell, Rows, one_of

ColumnName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
TaskKind = Literal["classification", "regression"]


def _form(value: object) -> str:
    return "id" if isinstance(value, str) and value.startswith("ds_") else "builtin"


DatasetChoice = Annotated[
    Annotated[str, Field(json_schema_extra={"pattern": "^ds_"}), Tag("id")]
    | Annotated[BuiltIn, Tag("builtin")],
    Discriminator(_form),
]


class Task(ResponseBody):
    """What there is to learn from a table."""

    kind: Literal["regression", "binary", "multiclass", "multilabel"]
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    """All columns that are predicted."""
    classes: list[Label]
    """The classes, in the order of probabilities; empty for regression. Of several labels each has
    one of the two."""

    @model_validator(mode="before")
    @classmethod
    def name_all_targets(cls, data: Any) -> Any:
        """What is kept of a task with one target has no list of them."""
        if isinstance(data, dict) and "targets" not in data:
            return {**data, "targets": [data["target"]]}
        return data


Extent = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class Image(RequestBody):
    """How the numbers of a row make up an image: line by line, pixel by pixel."""

    model_config = ConfigDict(from_attributes=True)

    width: Extent
    height: Extent
    channels: Extent = 1
    """Numbers of a pixel."""


class DatasetCreate(Rows):
    """Rows, or the name of built-in data; files come as `multipart/form-data`."""

    model_config = ConfigDict(
        json_schema_extra=one_of(
            {"records": True, "rows": False, "columns": False, "builtin": False},
            {"records": False, "rows": True, "columns": True, "builtin": False},
            {"records": False, "rows": False, "columns": False, "builtin": True},
        )
    )

    records: list[dict[str, Cell]] | None = Field(
        None, min_length=1, examples=[[{"hours": 1.5, "passed": False}]]
    )
    """One object a row, by column name; a key that a row does not have is a missing value."""
    columns: list[ColumnName] | None = Field(None, min_length=1, examples=[["hours", "passed"]])
    """The names of the columns of `rows`, which need them."""
    builtin: BuiltIn | None = Field(None, examples=["digits", {"kind": "two_moons", "noise": 0.1}])
    """Data that the service brings along."""
    name: Name | None = None
    """What to call it; by default the name of the file, or of the built-in data."""
    target: ColumnName | None = Field(None, examples=["species"])
    """The column to predict; jobs may choose another one. Built-in data know theirs."""
    targets: Annotated[list[ColumnName], Field(min_length=1, max_length=100)] | None = None
    """Several columns to predict together, instead of `target`: all numbers, or all with the same
    two values, such as true and false."""
    task: TaskKind | None = None
    """Whether the target is a class or a number; by default what its values suggest."""
    image: Image | None = None
    """That rows are images, and of what size."""

    @model_validator(mode="after")
    def check_form(self) -> Self:
        """One source; the names of the columns with a matrix."""
        given = [form for form in (self.records, self.rows, self.builtin) if form is not None]
        if len(given) != 1:
            raise ValueError("Give one of 'records', 'rows' and 'builtin'.")
        if self.image is not None and self.builtin is not None:
            raise ValueError("Built-in data know whether they are 'image's.")
        if (self.columns is None) != (self.rows is None):
            raise ValueError("'columns' is required with 'rows', and allowed only there.")
        return self


IMAGE_PATTERN = r"^[1-9]\d{0,3}(x[1-9]\d{0,3}){1,2}$"
"""The size of images in a form: width x height, or width x height x channels."""


class UploadFields(RequestBody):
    """The fields of a multipart form besides the file."""

    name: Name | None = None
    target: ColumnName | None = None
    targets: Annotated[list[ColumnName], Field(min_length=1, max_length=100)] | None = None
    task: TaskKind | None = None
    image: Annotated[str, StringConstraints(pattern=IMAGE_PATTERN)] | None = None

    @property
    def size(self) -> Image | None:
        """What `image` says, as in 28x28 or 32x32x3."""
        if self.image is None:
            return None
        width, height, *channels = map(int, self.image.split("x"))
        return Image(width=width, height=height, channels=channels[0] if channels else 1)


class Dataset(ResponseBody):
    """What is known of a table."""

    id: str
    name: str
    sha256: str
    """The digest of its content."""
    source: dict[str, Any]
    """Where it came from: `{"kind": "upload", "format": "csv"}`, or the built-in data."""
    rows: int
    size_bytes: int
    columns: list[ColumnStatistics]
    """Every column, with its kind and its statistics."""
    task: Task | None
    """What there is to learn; null if no target was named."""
    image: Image | None
    """The size of the images that the rows are; null if they are none, or nobody said so."""
    warnings: list[str]
    """What one should know about the data."""
    created_at: datetime


class PreviewColumn(ResponseBody):
    """A column of data that are not kept."""

    name: str
    kind: Literal["integer", "float", "boolean", "string"]


class DatasetPreview(ResponseBody):
    """What a dataset would be."""

    name: str
    rows: int
    """How many there would be; some of them are in `data`."""
    columns: list[PreviewColumn]
    task: Task | None
    """What there is to learn; null if no target was named."""
    image: Image | None
    """The size of the images that the rows are; null if they are none, or nobody said so."""
    warnings: list[str]
    """What one should know about the data."""
    data: list[dict[str, Cell]]
    """Rows from all of it, evenly spread."""


class DatasetPage(Page[Dataset]):
    """Datasets, newest first."""


class RowPage(ResponseBody):
    """Some rows of a dataset."""

    data: list[dict[str, Cell]]
    offset: int
    """The number of the first of them."""
    total: int
    """How many rows there are."""
