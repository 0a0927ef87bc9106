"""Rows as requests send them, and as tables of the engine."""
