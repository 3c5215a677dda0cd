"""The built-in settings: one folder per group, one file per option."""
