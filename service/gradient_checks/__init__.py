"""Gradient checks: the gradient of a model beside central differences."""
