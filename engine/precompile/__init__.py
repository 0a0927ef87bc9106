"""Compiling ahead of use: the list of all that can be compiled, and two processes that do it."""
