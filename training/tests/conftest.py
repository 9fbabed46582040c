"""Shared pieces of the tests: one thread, and a small world on disk."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

from tiny_world import write_world  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def world_directory(tmp_path_factory) -> Path:
    """Six square pictures, 128 x 128."""
    directory = tmp_path_factory.mktemp("world")
    write_world(directory, 6)
    return directory
