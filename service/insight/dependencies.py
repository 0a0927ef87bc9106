"""What routes ask for to read the rows that a request names."""

from typing import Annotated

from service.http.dependencies import from_state
from service.insight.row_reader import RowReader

__all__ = ["RowReaderDep"]

RowReaderDep = Annotated[RowReader, from_state("row_reader")]
