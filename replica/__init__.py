"""A synthetic ANTARA and an aggregator of it, on loopback: for the demo, tests and benchmarks.

``World`` makes the stories and knows their truth, ``Replica`` serves them within asyncio, and
``running`` does so in a process of its own.
"""

from replica.faults import Faults
from replica.process import ReplicaFailed, Running, running
from replica.server import Replica, Served
from replica.story import Story
from replica.world import World

__all__ = [
    "Faults",
    "Replica",
    "ReplicaFailed",
    "Running",
    "Served",
    "Story",
    "World",
    "running",
]
