"""Datasets: uploaded or built-in tables, immutable and addressed by their content."""
