"""Published studies re-enacted inside simulated data: what was done is data, and is kept apart from what was found.

``definition`` and ``reader`` say what a study did (a folder with ``replay.yaml``); ``published`` what it found
(``published.yaml``), which scoring alone reads. ``lives`` is the table of people that a study is carried out on,
``selection`` and ``comparison`` carry it out with the estimators of evaluation/causal, ``prediction`` and ``scoring``
set what comes out against what was published. Nothing here knows of a simulation: intsim/replays wires it to one.
"""
