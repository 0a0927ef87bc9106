"""Evaluations: the loss and metrics of a model on given rows."""
