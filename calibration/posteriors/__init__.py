"""Posteriors that are shipped: a folder each with the table of points and the manifest of the fit that made it."""
