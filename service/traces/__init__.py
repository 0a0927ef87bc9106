"""Traces: every quantity of one forward and backward pass and of the update."""
