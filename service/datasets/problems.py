"""What HTTP callers are told when datasets cannot be read or stored."""

from service.datasets.frame import DatasetTooLarge
from service.datasets.storage import DatasetNotStoredError, StorageFailedError
from service.http.error_handlers import Converters
from service.http.errors import TooLarge, Unavailable

CONVERTERS: Converters = {
    DatasetTooLarge: lambda error: TooLarge(error.message),
    DatasetNotStoredError: lambda _: Unavailable("The rows of this dataset cannot be found."),
    StorageFailedError: lambda _: Unavailable("The storage of datasets does not take them."),
}
