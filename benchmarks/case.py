"""A case: a training that every contestant carries out alike, as plain data.

Contestants read it in processes of their own, so nothing here needs the engine or a peer.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from benchmarks.shapes import Shape

Penalty = Literal["none", "l1_proximal", "l1_subgradient", "l2"]
Precision = Literal["float32", "float64"]

SEED = 0
ADAM = {
    "kind": "adam",
    "learning_rate": 0.001,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network with data, and how it is trained.

    ``optimizer`` holds the kind and every hyper-parameter, by the engine's names. ``dropout`` is
    the rate behind every hidden layer; ``batch_norm`` normalizes before every hidden activation;
    ``strength`` is the factor lambda of the penalty on weights, without biases.
    """

    name: str
    shape: Shape
    optimizer: dict[str, Any]
    dropout: float = 0.0
    batch_norm: bool = False
    penalty: Penalty = "none"
    strength: float = 1e-4
    precision: Precision = "float32"

    @property
    def needs(self) -> frozenset[str]:
        """What a contestant must be able to do to take part."""
        words = {str(self.optimizer["kind"])}
        words |= {"dropout"} if self.dropout else set()
        words |= {"batch_norm"} if self.batch_norm else set()
        words |= {self.penalty} - {"none"}
        words |= {self.precision} - {"float32"}
        return frozenset(words)

    @property
    def random(self) -> bool:
        """Whether random numbers other than the order of rows decide the losses."""
        return self.dropout > 0

    def to_json(self) -> dict[str, Any]:
        members = asdict(self)
        return members | {"shape": members["shape"] | {"hidden": list(self.shape.hidden)}}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        shape = members["shape"]
        hidden = tuple(shape["hidden"])
        return cls(**members | {"shape": Shape(**shape | {"hidden": hidden})})


def plain(shape: Shape) -> Case:
    """The shape with Adam, in float32, and nothing else."""
    return Case(name=shape.name, shape=shape, optimizer=ADAM)
