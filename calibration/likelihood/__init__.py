"""Likelihoods: how probable what was observed is, given what the model says and how sure it is of that."""
