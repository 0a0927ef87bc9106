"""Data that come in while equal data go out."""

from pathlib import Path

from service.database.sessions import Database
from service.datasets import repository as datasets
from service.datasets import service as datasets_service
from service.datasets.builtin import BuiltIn
from service.datasets.frame import Limits
from service.datasets.storage import Storage
from service.settings import Settings


def test_content_deleted_between_storing_and_recording_is_stored_again(
    database: Database, tmp_path: Path
) -> None:
    storage = Storage(tmp_path)
    (xor,) = (member for member in BuiltIn.members() if member.kind_name() == "xor")
    given = datasets_service.from_builtin(xor())  # type: ignore[arg-type]  # a member of the family
    record = datasets_service.keep(given, storage)
    (key,) = (path.stem for path in tmp_path.rglob("*.arrow"))
    with database.write() as session:
        datasets.hold_content(session, key)
        assert not datasets.refers_to(session, key)
        storage.delete(key)
    with database.write() as session:
        dataset, new = record(session)
        assert new
    assert storage.table(dataset.storage_key).rows == dataset.rows


def test_whoever_lets_large_files_in_may_read_them() -> None:
    usual = datasets_service.limits(Settings())
    large = datasets_service.limits(Settings(max_body_bytes=3 << 30))
    assert usual.decoded_bytes == Limits().decoded_bytes
    assert (large.bytes, large.decoded_bytes) == (3 << 30, 6 << 30)
