"""The fixtures of extraction: a worker does nothing else."""

from tests.extract.conftest import antara

__all__ = ["antara"]
