"""The charts of a comparison. Each takes a tidy table and returns a matplotlib Figure; ``style.save`` writes it."""
