"""The notebooks of the documentation run, and are shown with what they gave."""

from __future__ import annotations

from pathlib import Path

import pytest
import scene

for needed in ("ipykernel", "pandas", "pydicom", "sklearn"):
    pytest.importorskip(needed)
nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")

NOTEBOOKS = sorted((scene.ROOT / "docs/notebooks").glob("*.ipynb"))


def test_there_are_four():
    assert len(NOTEBOOKS) == 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path):
    notebook = nbformat.read(path, 4)
    shown = [[output.output_type for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]
    assert all(shown) and not any("error" in kinds for kinds in shown), "run the notebook, and keep what it gives"
    # A cell that fails raises.
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(tmp_path))
    ran = [[output.output_type for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]
    assert [kinds[-1] for kinds in ran] == [kinds[-1] for kinds in shown]
