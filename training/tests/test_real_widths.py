"""One of the comparisons at real widths that is small enough for every run; `scripts/parity-real.mjs` has the rest."""

import os
import shutil
from pathlib import Path

import pytest

from large.parity.cases import CASES
from large.parity.sdk import ROOT


@pytest.mark.parametrize(("name", "dtype"), [("clip-vit-b-16", "q4"), ("ready-made-sam", "f32")])
def test_the_sdk_gives_what_pytorch_gives(name: str, dtype: str, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (ROOT / "packages/hub/dist").exists():
        if os.environ.get("CI"):
            pytest.fail("the packages are not built")
        pytest.skip("needs node and the built packages (npm start)")
    rows = CASES[name].run(name, [dtype], tmp_path)
    assert len(rows) >= 2
    assert [row for row in rows if not row.good] == []
