"""What routes ask for to read and store datasets."""

from typing import Annotated

from service.datasets.storage import Storage
from service.http.dependencies import from_state

__all__ = ["StorageDep"]

StorageDep = Annotated[Storage, from_state("storage")]
