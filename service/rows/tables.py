"""From the rows of a request to a table, with the place of everything that does not fit."""

from collections.abc import Mapping

from engine import InvalidData, Table
from engine.data.table import ColumnKind
from engine.errors import json_pointer
from service.http.errors import Invalid, TooLarge
from service.rows.schemas import Rows

__all__ = ["misplaced", "read_rows"]


def read_rows(
    rows: Rows, kinds: Mapping[str, ColumnKind], *, most: int, at: tuple[str, ...] = ()
) -> Table:
    """The rows as a table with the columns of ``kinds``; ``at`` is where in the body they are.

    Raises Invalid with a pointer to the row and the column: for a column that is missing, for text
    where a number was, for rows of unequal length. Raises TooLarge beyond ``most`` rows.
    """
    if len(rows) > most:
        raise TooLarge(f"There are {len(rows):,} rows; one call takes {most:,} at most.")
    try:
        if rows.records is not None:
            return Table.from_records(rows.records, kinds)
        columns = rows.columns or list(kinds)
        _check_columns(columns, kinds, at)
        matrix = rows.rows or []
        if columns == list(kinds):
            return Table.from_rows(matrix, kinds)
        return Table.from_rows(_arranged(matrix, columns, kinds), kinds)
    except InvalidData as error:
        raise misplaced(rows, kinds, error, at=at) from None


def misplaced(
    rows: Rows, kinds: Mapping[str, ColumnKind], error: InvalidData, *, at: tuple[str, ...] = ()
) -> Invalid:
    """The same error with a pointer to its row and column in the request."""
    place: list[str | int] = [] if error.row is None else [error.row]
    if error.row is not None and error.column is not None:
        names = rows.columns or list(kinds)
        is_record = rows.records is not None
        place.append(error.column if is_record else names.index(error.column))
    form = "rows" if rows.records is None else "records"
    pointer = json_pointer(*at, form, *place)
    return Invalid.at(pointer, error.message, row=error.row, column=error.column)


def _check_columns(
    columns: list[str], kinds: Mapping[str, ColumnKind], at: tuple[str, ...]
) -> None:
    pointer = json_pointer(*at, "columns")
    repeated = next((name for name in columns if columns.count(name) > 1), None)
    if repeated is not None:
        raise Invalid.at(pointer, f"The column {repeated!r} is named twice.", column=repeated)
    absent = next((name for name in kinds if name not in columns), None)
    if absent is not None:
        raise Invalid.at(pointer, f"The model needs the column {absent!r}.", column=absent)


def _arranged(
    matrix: list[list[object]], columns: list[str], kinds: Mapping[str, ColumnKind]
) -> list[list[object]]:
    """The columns that are wanted, in the order in which they are wanted."""
    for row, values in enumerate(matrix):
        if len(values) != len(columns):
            message = f"Row {row} has {len(values)} values instead of {len(columns)}."
            raise InvalidData(message, row=row)
    places = [columns.index(name) for name in kinds]
    return [[values[place] for place in places] for values in matrix]
