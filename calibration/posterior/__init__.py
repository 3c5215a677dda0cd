"""The posterior: plausible parameters and how probable each is, by chains on an emulator and weights from real runs."""
