"""The dashboard: its page, scripts and styles as files."""
