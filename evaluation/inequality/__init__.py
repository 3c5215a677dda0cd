"""Inequality between the most and the least deprived, and between people, with its uncertainty."""
