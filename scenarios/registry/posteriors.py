"""Which posterior stands for a place, read and checked against the evidence it was fitted from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scenarios.errors import InputError, nearest
from scenarios.registry.points import Points, read_points
from scenarios.registry.reader import Registry
from scenarios.schema.place import Place
from scenarios.switches import UNTOLD

FOLDER = Path(__file__).parent / "calibrated"
MANIFEST, TABLE = "manifest.json", "posterior.csv"
KIND = "intsim posterior"
ALSO = "stands_for_too"  # other places that a manifest names
SETTING = "evidence.posterior"
REGISTRY, POSTERIOR, DEFAULT = "registry", "posterior", "default"  # what evidence can be asked to be
STRUCTURE = "structure"  # the switches of the model's structure that a fit was made with
NATIONAL = "england_average"  # the place whose posterior stands for a user's own
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

    def words_under(self, structure: Mapping[str, object]) -> str:
        """Return ``words``, and which switches of a run's ``structure`` stood otherwise in the fit."""
        then = [f"structure.{name} {said_of(how)}" for name, how in fitted_otherwise(self.about, structure).items()]
        return self.words() + (f" (fitted with {', '.join(then)})" if then else "")

    def is_of(self, place: str, own: bool) -> bool:
        """Return whether it was fitted at ``place``, which is a user's ``own`` folder of that name or one of ours."""
        fitted = scenario_of(self.about).get("place", {})
        return bool(self.about["place"] == place and (fitted.get("folder") is not None) == own)


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the posteriors that are shipped."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def place_of(settings: Place) -> str:
    """Return the place whose posterior stands for one of those ``settings``: for a user's own, England's average."""
    return settings.name if settings.folder is None else NATIONAL


def standing_for(place: str, folder: Path = FOLDER, structure: Mapping[str, object] | None = None) -> str | None:
    """Return the name of the posterior that stands for ``place``: one of its own, or one published for it too.

    Of several of its own, the one in whose fit the fewest switches of ``structure`` stood otherwise; among those alike
    the one that is called as the place is.
    """
    abouts = {name: read_json(folder / name / MANIFEST) for name in names(folder)}
    own = [name for name, about in abouts.items() if place in (name, about.get("place"))]
    if own:
        return min(own, key=lambda name: (len(fitted_otherwise(abouts[name], structure or {})), name != place, name))
    return next((name for name, about in abouts.items() if place in about.get(ALSO, ())), None)


def structure_of(about: Mapping[str, Any]) -> dict[str, object]:
    """Return the switches a fit was made with: told by themselves once published, as parsing takes long, or not yet."""
    if STRUCTURE in about:
        return dict(about[STRUCTURE])
    return dict(scenario_of(about).get(STRUCTURE, {}))


def scenario_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scenario that a fit was of, as its manifest ``about`` has it; nothing if it says none."""
    return yaml.safe_load(str(about.get("scenario", ""))) or {}


def fitted_otherwise(about: Mapping[str, Any], structure: Mapping[str, object]) -> dict[str, object]:
    """Return how those switches stood in a fit that stood otherwise in it than in ``structure``.

    A switch of which the manifest ``about`` says nothing, by itself or in its scenario, stood as UNTOLD says, or else
    as in ``structure``.
    """
    then = {**structure, **UNTOLD, **structure_of(about)}
    return {name: then[name] for name, now in structure.items() if then[name] != now}


def said_of(how: object) -> str:
    """Return how a switch stands, in a word."""
    return ("on" if how else "off") if isinstance(how, bool) else str(how)


def read_json(file: Path) -> dict[str, Any]:
    """Return what a manifest says; nothing if it cannot be read or is no object."""
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
    about = read_json(file)
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


def picked(
    wanted: str,
    place: str,
    registry: Registry,
    folder: Path = FOLDER,
    structure: Mapping[str, object] | None = None,
) -> Posterior | None:
    """Return the posterior that ``wanted`` asks for at ``place``, None where the registry stands by itself.

    wanted: 'registry' (none), 'posterior' (the one that stands for the place, which must be there), 'default' (that one
    if there is one), or the name or folder of a posterior. structure: the run's switches, by which one of several of a
    place is chosen (``standing_for``). Raises InputError if there is no such one.
    """
    if wanted == REGISTRY:
        return None
    if wanted in (POSTERIOR, DEFAULT):
        if (name := standing_for(place, folder, structure)) is not None:
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
