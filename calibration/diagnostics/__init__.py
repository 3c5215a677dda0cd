"""Diagnostics: can these draws be trusted, and do the intervals hold what was never fitted?"""
