"""Estimators of what a roll-out did, on any panel: one result type, stated estimands, honest intervals."""
