"""Simulators that a fit can run: toys whose posterior is known, and the model itself."""
