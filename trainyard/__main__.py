"""``python -m trainyard`` is the command line."""

from trainyard.cli import app

app(prog_name="trainyard")
