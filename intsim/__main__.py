"""``python -m intsim``: the same as the ``intsim`` command."""

import sys

from intsim.cli import main

if __name__ == "__main__":
    sys.exit(main())
