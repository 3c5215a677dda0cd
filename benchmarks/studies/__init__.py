"""Simulation studies of the estimators: generators fixed first, coverage over many repeats, results kept."""
