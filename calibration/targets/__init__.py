"""Targets: observed figures that the model must reproduce, each with its uncertainty and what may be done with it."""
