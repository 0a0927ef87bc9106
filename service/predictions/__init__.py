"""Predictions: what a model predicts for given rows."""
