"""Checkpoints: the states of a job that are stored, and what is measured of them."""
