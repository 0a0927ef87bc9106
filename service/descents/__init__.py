"""Descents: the path of an optimizer on a surface of two variables."""
