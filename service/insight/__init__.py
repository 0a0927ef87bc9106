"""Insight: what the resources that look inside a model have in common."""
