"""History matching: which parameters cannot have given what was observed, and what is left (Craig et al. 1997)."""
