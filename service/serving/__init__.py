"""Trained models at work: loaded, given rows, measured."""
