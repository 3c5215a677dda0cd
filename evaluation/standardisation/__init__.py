"""Rates, proportions and means with their limits, and rates standardised for age directly and indirectly."""
