"""Gaps between the most and the least deprived."""
