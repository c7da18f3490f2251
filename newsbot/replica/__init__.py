"""A synthetic ANTARA and an aggregator of it, on loopback: for the demo, tests and benchmarks.

``World`` makes the stories and knows their truth, ``Replica`` serves them within asyncio, and
``running`` does so in a process of its own.
"""

from newsbot.replica.faults import Faults
from newsbot.replica.process import ReplicaFailed, Running, running
from newsbot.replica.server import Replica, Served
from newsbot.replica.story import Story
from newsbot.replica.world import World

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
