from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmarks.case import Case
from benchmarks.results import Results
from benchmarks.roster import OURS
from tests.benchmarks.made import NOISY, TINY, measured, results


def test_results_are_read_as_they_were_saved(tmp_path: Path) -> None:
    saved = results([TINY, NOISY], [measured(TINY, OURS, [1.0, 2.0], losses=[0.5])])
    saved.save(tmp_path / "kept.json")
    read = Results.load(tmp_path / "kept.json")
    assert read == saved
    assert [Case.from_json(each) for each in read.cases] == [TINY, NOISY]


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    results([TINY], []).save(path)
    path.write_text(path.read_text().replace('"schema_version": 2', '"schema_version": 1'))
    with pytest.raises(ValidationError, match="schema_version"):
        Results.load(path)
