"""Matching: from the tables of a run to the simulated value of every target, with its Monte Carlo error."""
