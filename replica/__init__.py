"""A synthetic ANTARA and an aggregator of it, on loopback: for the demo, tests and benchmarks.

``World`` makes the stories and has their ground truth, ``Replica`` serves them within asyncio, and
``running`` starts a replica in a process of its own.
"""

from replica.faults import Faults
from replica.process import ReplicaFailed, Running, running
from replica.server import Replica, Served
from replica.story import SyntheticStory
from replica.world import World

__all__ = [
    "Faults",
    "Replica",
    "ReplicaFailed",
    "Running",
    "Served",
    "SyntheticStory",
    "World",
    "running",
]
