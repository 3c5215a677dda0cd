"""What a result depends on: one number at a time, all at once, where the case turns, and the model's structure."""
