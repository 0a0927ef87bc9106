"""``python -m service.reference docs/openapi.json docs/reference``."""

import json
import sys
from pathlib import Path

from service.reference import write

_, document, folder = sys.argv
write(json.loads(Path(document).read_text(encoding="utf-8")), Path(folder))
