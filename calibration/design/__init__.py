"""Designs: which points of the parameters to run."""
