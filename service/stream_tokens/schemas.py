"""Stream tokens: a minute's leave to open event streams."""

from datetime import datetime

from service.http.schemas import ResponseBody


class StreamToken(ResponseBody):
    """A token for event streams."""

    token: str
    """Send it as the query parameter `token`; it needs no escaping."""
    expires_at: datetime
    """Until then it opens streams. One that is open goes on."""
