"""A training: what a run does over time, with its events, folds, diagnostics and range tests."""
