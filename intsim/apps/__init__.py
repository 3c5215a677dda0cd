"""The subcommands: each module's ``main(words)`` does one job and returns an exit code."""
