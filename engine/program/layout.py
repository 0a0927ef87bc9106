"""The offsets in flat memory at which the numbers of a mini-batch lie, operation by operation."""

from __future__ import annotations

import numpy as np

from engine.program.memory import LAYOUT
from engine.program.network import Network

__all__ = ["Layout"]

LINE = 16
"""Regions begin at multiples of so many numbers, a line of the cache."""
GAP = 5 * LINE
"""Numbers between regions, so that two of them do not differ by a power of two.

The processor would take what is written to the one for what is read from the other.
"""


class Layout:
    """The regions of every operation, for so many rows and members of a team.

    ``operations`` is an array of ``LAYOUT``; ``activations``, ``deltas`` and ``scratch`` are the
    numbers that each of these needs. ``first`` is the first operation with parameters.
    """

    def __init__(self, network: Network, capacity: int, members: int) -> None:
        self._nodes, self._capacity = network.nodes, capacity
        self.first = next(
            k for k, node in enumerate(network.nodes) if node.operation.block is not None
        )
        self.operations = np.zeros(len(network.nodes), LAYOUT)
        self._place_parameters()
        self.activations = self._place_activations(network.inputs)
        self.deltas = self._place_deltas()
        self.scratch = self._place_scratch(members)

    def _place_parameters(self) -> None:
        state = constants = 0
        for record, node in zip(self.operations, self._nodes, strict=True):
            operation = node.operation
            record["inputs"], record["outputs"] = node.inputs, operation.outputs
            record["theta"], record["theta_end"] = node.start, node.stop
            record["state"], record["state_end"] = state, state + operation.state_size
            record["constants"] = constants
            record["constants_end"] = constants + len(operation.constants)
            state, constants = int(record["state_end"]), int(record["constants_end"])

    def _place_activations(self, inputs: int) -> int:
        place, end = 0, self._beyond(0, inputs)
        for record in self.operations:
            record["x"], record["y"] = place, end
            place, end = end, self._beyond(end, int(record["outputs"]))
        return end

    def _place_deltas(self) -> int:
        """Give every operation its offsets of dL/dy and dL/dx; in place they are the same."""
        place, end = 0, self._beyond(0, int(self.operations[-1]["outputs"]))
        for k in range(len(self._nodes) - 1, self.first - 1, -1):
            record = self.operations[k]
            record["dy"] = record["dx"] = place
            if k > self.first and not self._nodes[k].operation.in_place:
                record["dx"] = place = end
                end = self._beyond(end, int(record["inputs"]))
        return end

    def _place_scratch(self, members: int) -> int:
        """Give every operation its scratch memory.

        Each member of the team has one workspace, which all operations share; behind the workspaces
        lies what operations keep for the backward pass.
        """
        shared = max(node.operation.workspace for node in self._nodes)
        shared = -(-shared // LINE) * LINE
        end = members * shared
        for record, node in zip(self.operations, self._nodes, strict=True):
            operation = node.operation
            if operation.workspace:
                record["member_scratch"], record["scratch_end"] = shared, members * shared
                continue
            record["scratch"], record["row_scratch"] = end, operation.row_scratch
            end += operation.scratch + self._capacity * operation.row_scratch
            record["scratch_end"] = end
        return end

    def _beyond(self, place: int, width: int) -> int:
        return place + -(-self._capacity * width // LINE) * LINE + GAP
