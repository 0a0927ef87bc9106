"""Feature importance: the permutation importance of a model's input columns."""
