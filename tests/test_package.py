"""What goes into the wheel: every package and every file that is not Python."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
WITHOUT_CODE = {"seqfer.data_manifests", "seqfer.weights_files", "seqfer.web.languages", "seqfer.web.static"}


def test_every_package_is_listed():
    found = {".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "seqfer").rglob("__init__.py")}
    listed = set(SETUP["packages"]) - WITHOUT_CODE
    assert found == listed


def test_every_data_file_is_matched():
    folders = {"seqfer.data_manifests": ROOT / "data_manifests"}
    for package, patterns in SETUP["package-data"].items():
        folder = folders.get(package, ROOT / package.replace(".", "/"))
        matched = {file for pattern in patterns for file in folder.glob(pattern)}
        others = {f for f in folder.iterdir() if f.is_file() and f.suffix != ".py" and not f.name.startswith(".")}
        assert others == matched, f"{package}: {others - matched} would be missing from the wheel"


def test_shipped_weights_keep_their_limits():
    from seqfer.models.included import SHIPPED, TIERS
    from seqfer.models.layers import parameter_counts
    from seqfer.models.opening import open_model

    limits = {"small": (54_480, 1_000_000), "compact": (3_000_000, 6_000_000)}
    for tier, encoder in TIERS.items():
        if encoder in SHIPPED:
            parameters, size = limits[tier]
            assert parameter_counts(open_model(tier, kind="image").encoder)[0] <= parameters
            assert SHIPPED[encoder].path.stat().st_size <= size
