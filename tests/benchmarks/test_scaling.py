import pytest

from benchmarks import scaling
from benchmarks.case import plain
from benchmarks.roster import OURS
from tests.benchmarks.made import measured, results


def test_each_axis_changes_one_thing() -> None:
    changed = {axis: scaling.varied(axis, 8) for axis in scaling.VALUES}
    assert changed["rows"].rows == 8
    assert changed["width"].hidden == (8, 8)
    assert changed["depth"].hidden == (64,) * 8
    assert changed["batch size"].batch_size == 8


def test_growth_in_proportion_has_the_exponent_one() -> None:
    cases = scaling.cases("rows")
    run = results(
        [plain(case.shape) for case in cases],
        [measured(case, OURS, [1e-6 * case.shape.rows]) for case in cases],
    )
    curve = scaling.points(run, "rows", OURS)
    assert [point.value for point in curve] == list(scaling.VALUES["rows"])
    assert scaling.exponent(curve) == pytest.approx(1.0)
    assert scaling.grid(run, "rows").rows[-1] == ["exponent", "1.00"]
