"""The Bi-Borough as it was known in March 2024: its hospitals are those of 2023/24.

    python -m calibration.forward.place DIR

The model sets the total load of a hospital from a year's published activity, so that a forecast of the months from
April 2024 must not know 2024/25. Everything else of the place is older. (``hospitals_2023_24.csv`` is made by
``scenarios.places.derive_bi_borough --hospitals-of 2023``.)
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from scenarios.errors import InputError
from scenarios.place_files import find_folder, load_place
from scenarios.whole_file import whole

PLACE = "bi_borough"
HOSPITALS = Path(__file__).with_name("hospitals_2023_24.csv")


def as_known(folder: Path) -> Path:
    """Write the place to ``folder``, which must not be there yet, and return it. Raises InputError if it is."""
    if folder.exists():
        raise InputError(str(folder), "is there already: give a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole(folder) as part:
        part.mkdir()
        for file in sorted(find_folder(PLACE).glob("*.csv")):
            shutil.copyfile(file, part / file.name)
        shutil.copyfile(HOSPITALS, part / "hospitals.csv")
        load_place(part)
    return folder


def main() -> None:
    """Write the place to the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Write the Bi-Borough as it was known in March 2024.")
    parser.add_argument("folder", type=Path)
    try:
        print(f"Written: {as_known(parser.parse_args().folder)}")
    except InputError as problem:
        raise SystemExit(str(problem)) from None


if __name__ == "__main__":
    main()
