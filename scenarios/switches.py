"""How switches of the model's structure stood in runs and fits that are older than the switch."""

from __future__ import annotations

UNTOLD = {"dying": False}  # by name: what a manifest or settings that say nothing of it mean
