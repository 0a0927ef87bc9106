"""Parsers of the file formats that datasets are uploaded in."""
