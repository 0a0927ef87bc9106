"""Who takes part, and in what. The peers themselves are not imported here."""

from dataclasses import dataclass
from importlib.util import find_spec

from benchmarks.case import Case

OURS = "trainyard_engine"
LIMIT = "matrix_products"

_LAYERS = {"dropout", "batch_norm"}
_PENALTIES = {"l1_proximal", "l1_subgradient", "l2"}
_MOMENTS = {"adam", "adamax", "adamw", "amsgrad", "nadam", "radam"}
_OTHERS = {"adadelta", "adagrad", "lbfgs", "rmsprop", "rprop", "sgd"}


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A module in ``contestants/``, what it needs installed, and what it can do.

    ``offers`` are words of ``Case.needs``; None means everything. What it does by ``another_rule``
    than the engine's (a correction more, another first step) is about as much work and is timed,
    but leads elsewhere. ``caches`` says that it keeps compiled code on disk.
    """

    name: str
    title: str
    package: str
    offers: frozenset[str] | None = None
    another_rule: frozenset[str] = frozenset()
    caches: bool = False

    @property
    def is_peer(self) -> bool:
        return self.name not in {OURS, LIMIT}

    def installed(self) -> bool:
        return find_spec(self.package) is not None

    def takes(self, case: Case) -> bool:
        return self.offers is None or case.needs <= self.offers

    def is_measured(self, copies: int) -> bool:
        """The limit is one of a machine to itself."""
        return copies == 1 or self.name != LIMIT

    def learns_alike(self, case: Case) -> bool:
        """Whether its losses should be the engine's."""
        return self.name != LIMIT and case.needs.isdisjoint(self.another_rule)


ROSTER = {
    contestant.name: contestant
    for contestant in (
        Contestant(name=OURS, title="Trainyard", package="numba", caches=True),
        Contestant(
            name="pytorch",
            title="PyTorch",
            package="torch",
            offers=frozenset(_LAYERS | _PENALTIES | _MOMENTS | _OTHERS | {"float64"}),
        ),
        Contestant(
            name="jax_scan",
            title="JAX",
            package="optax",
            offers=frozenset(_LAYERS | _PENALTIES | _MOMENTS | _OTHERS | {"float64", "lion"}),
            another_rule=frozenset({"amsgrad", "lbfgs", "nadam", "rprop"}),
            caches=True,
        ),
        Contestant(
            name="scikit_learn",
            title="scikit-learn",
            package="sklearn",
            offers=frozenset({"adam", "sgd", "l2", "float64"}),
        ),
        Contestant(
            name=LIMIT,
            title="matrix products",
            package="numpy",
            offers=frozenset({"adam", "float64"}),
        ),
    )
}


def installed(names: list[str] | None = None) -> list[Contestant]:
    """Whoever is there, of those named; the engine comes first and always."""
    chosen = ROSTER if names is None else {OURS, *names}
    return [each for each in ROSTER.values() if each.name in chosen and each.installed()]
