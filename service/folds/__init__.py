"""Folds: the parts of a cross-validation, and its out-of-fold predictions."""
