"""What docs/afternoon.md and README.md show of Python works as it stands there."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "afternoon.md"


def blocks(language, page=PAGE):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_the_feature_of_the_page_passes_the_tests_of_the_page(tmp_path):
    feature, tests = blocks("python")
    (tmp_path / "rim_contrast.py").write_text(feature, encoding="utf-8")
    (tmp_path / "test_rim_contrast.py").write_text(tests, encoding="utf-8")
    environment = {"PYTHONPATH": str(HERE.parent), "PATH": "/usr/bin:/bin"}
    arguments = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_rim_contrast.py"]
    ran = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0 and "2 passed" in ran.stdout, ran.stdout + ran.stderr


def test_the_experiment_of_the_page_names_the_file_and_the_feature():
    (experiment,) = blocks("toml")
    assert 'file = "rim_contrast.py"' in experiment and "[features.rim_contrast]" in experiment
    assert all(word in blocks("sh")[1] for word in ["plugins new family rim-contrast", "--language python"])


def test_the_feature_of_the_readme_is_half_where_half_is_hot(tmp_path):
    (feature,) = [block for block in blocks("python", PAGE.parents[1] / "README.md") if "@feature" in block]
    (tmp_path / "hot.py").write_text(feature, encoding="utf-8")
    asked = "from hot import hot_fraction as f; from voxomics_plugin.testing import region as r; print(f(r([[[5, 200], [400, 1]]])))"
    ran = subprocess.run([sys.executable, "-B", "-c", asked], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
                         env={"PYTHONPATH": f"{HERE.parent}:{tmp_path}", "PATH": "/usr/bin:/bin"})
    assert ran.stdout.strip() == "0.5", ran.stdout + ran.stderr
