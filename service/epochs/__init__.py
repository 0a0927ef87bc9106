"""Epochs: the metrics of a job's epochs, thinned out where there are many."""
