"""Which posterior stands for a place, read and checked against the evidence it was fitted from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.errors import InputError, nearest
from scenarios.registry.points import Points, read_points
from scenarios.registry.reader import Registry

FOLDER = Path(__file__).parent / "calibrated"
MANIFEST, TABLE = "manifest.json", "posterior.csv"
KIND = "intsim posterior"
ALSO = "stands_for_too"  # other places that a manifest names
SETTING = "evidence.posterior"
REGISTRY, POSTERIOR, DEFAULT = "registry", "posterior", "default"  # what evidence can be asked to be
PRIOR = ("distribution", "central", "low", "high")  # columns of the registry that a fit rests on


@dataclass(frozen=True)
class Posterior:
    """A place's posterior. folder: where it was read. about: what its manifest says of the fit that made it."""

    name: str
    folder: Path
    points: Points
    about: Mapping[str, Any]

    def words(self) -> str:
        """Return where parameters come from, for a report."""
        worth, result = self.about["result"]["kish_size"], self.about["result"]
        return (
            f"{len(self.points.names)} parameters from the calibration of {self.about['place']} "
            f"({result['points']} points worth {worth:.0f}; targets {self.about['targets']['name']}; fitted "
            f"{str(self.about['finished'])[:10]}); all others from the evidence registry"
        )


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the posteriors that are shipped."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def standing_for(place: str, folder: Path = FOLDER) -> str | None:
    """Return the name of the posterior that stands for ``place``: its own, or one published for it too."""
    shipped = names(folder)
    if place in shipped:
        return place
    return next((name for name in shipped if place in told(folder / name / MANIFEST).get(ALSO, ())), None)


def told(file: Path) -> dict[str, Any]:
    """Return what a manifest says; nothing if it cannot be read."""
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def read_posterior(folder: Path, registry: Registry) -> Posterior:
    """Return the posterior in ``folder``: a shipped one, or what a fit has left.

    Raises InputError if it is not whole, its points cannot be used, or the registry's row of a parameter is no longer
    the one it was fitted from.
    """
    file = folder / MANIFEST
    about = told(file)
    if not about:
        raise InputError(str(folder), f"holds no posterior ({MANIFEST} is missing or cannot be read)")
    if not {"priors", "result", "place", "targets"} <= set(about):
        raise InputError(str(file), "is not of a posterior")
    points = read_points(folder / TABLE, registry)
    check_priors(about["priors"], points.names, registry, folder.name)
    return Posterior(folder.name, folder, points, about)


def check_priors(priors: Sequence[Mapping[str, Any]], fitted: Sequence[str], registry: Registry, where: str) -> None:
    """Raise InputError if a parameter's row in the registry is not the one it was fitted from."""
    known = {str(one.get("name")): one for one in priors}
    for name in fitted:
        row, then = registry.parameters[name], known.get(name)
        if then is None:
            raise InputError(f"posterior '{where}'", f"its manifest says nothing of the prior of '{name}'")
        for column in PRIOR:
            now = getattr(row, column)
            if column in then and then[column] != now:
                words = f"was fitted with {name} {column} {then[column]}, and the registry has {now}"
                raise InputError(f"posterior '{where}'", f"{words}: fit again, or use {SETTING}={REGISTRY}")


def picked(wanted: str, place: str, registry: Registry, folder: Path = FOLDER) -> Posterior | None:
    """Return the posterior that ``wanted`` asks for at ``place``, None where the registry stands by itself.

    wanted: 'registry' (none), 'posterior' (the one that stands for the place, which must be there), 'default' (that one
    if there is one), or the name or folder of a posterior. Raises InputError if there is no such one.
    """
    if wanted == REGISTRY:
        return None
    if wanted in (POSTERIOR, DEFAULT):
        if (name := standing_for(place, folder)) is not None:
            return read_posterior(folder / name, registry)
        if wanted == DEFAULT:
            return None
        said = ", ".join(names(folder)) or "none yet"
        raise InputError(SETTING, f"there is no posterior of '{place}' (there are: {said})")
    path = folder / wanted if (folder / wanted / MANIFEST).is_file() else Path(wanted).expanduser()
    if not path.is_dir():
        raise InputError(SETTING, f"no posterior '{wanted}': {nearest(wanted, [REGISTRY, POSTERIOR, *names(folder)])}")
    return read_posterior(path, registry)


def values(
    posterior: Posterior, drawn: Mapping[str, float], u: float | None, own: Sequence[str] = ()
) -> dict[str, float]:
    """Return ``drawn`` with one of the posterior's points in place of the parameters it was fitted for.

    drawn: a value of every parameter of the registry. u: which point (a number within 0 and 1; None: the middle one).
    own: parameters that a user has set: theirs stand, and no longer follow the fit.
    """
    chosen = posterior.points.middle() if u is None else posterior.points.at(u)
    return {**drawn, **{name: value for name, value in chosen.items() if name not in own}}
