"""What the agents' keyed draws are for (block 200-299). Published: a number is never given to anything else."""

from __future__ import annotations

# Keyed by (team or post, purpose, month).
ABSENCE = 200
LEAVERS = 201
