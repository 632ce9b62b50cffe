"""Builds the wheel and the source distribution: the hooks that pip and build call (PEP 517), over maturin.

Beside the module, the wheel carries the program, every plugin, the header and the package for authors of plugins. On Linux all plugins are
in one library, and the file of each is a door to it. The source distribution is the whole repository, because all of it is needed to
build them. Cargo and a C compiler must be there.

    python backend.py FOLDER [maturin's words…]       makes a wheel that other machines may have, too, in place of those in FOLDER
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Iterator
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "voxomics" / "python" / "voxomics"

#: What lies in the package as long as a wheel is made.
CARRIED = [PACKAGE / "voxomics", PACKAGE / "voxomics.exe", PACKAGE / "plugins", PACKAGE / "include", PACKAGE.with_name("voxomics_plugin")]

#: Folders that are no source, where there is no git to tell.
_MADE = {"target", "__pycache__", ".git", ".pytest_cache", "voxomics-out"}


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: object = None) -> str:
    import maturin

    return maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    import maturin

    with carried():
        name = maturin.build_wheel(wheel_directory, config_settings, metadata_directory)
    pack(Path(wheel_directory) / name)
    return name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / prepare_metadata_for_build_wheel(scratch) / "METADATA"
        metadata = told.read_bytes()
    stated = dict(line.split(": ", 1) for line in metadata.decode().split("\n\n")[0].splitlines() if ": " in line)
    name = f"{stated['Name']}-{stated['Version']}"
    # Nothing in it tells when or by whom it was made.
    with open(Path(sdist_directory) / f"{name}.tar.gz", "wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, f"{name}/PKG-INFO", metadata, 0o644)
            for path in _sources():
                mode = 0o755 if os.access(path, os.X_OK) else 0o644
                _add(archive, f"{name}/{path.relative_to(ROOT).as_posix()}", path.read_bytes(), mode)
    return f"{name}.tar.gz"


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    archive.addfile(member, io.BytesIO(content))


def _sources() -> list[Path]:
    """The files of the repository; those that git knows, if it is there."""
    if (ROOT / ".git").exists():
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        found = [ROOT / os.fsdecode(name) for name in told.split(b"\0") if name]
        return sorted(path for path in found if path.is_file())
    found = (path for path in ROOT.rglob("*") if not _MADE & set(path.relative_to(ROOT).parts) and path != ROOT / "PKG-INFO")
    return sorted(path for path in found if path.is_file() and not any(path.is_relative_to(made) for made in CARRIED))


#: The library of all plugins (python/bundle). Other systems' linkers do not hold several plugins in one.
_BUNDLE = "libvoxomics_plugins.so" if sys.platform == "linux" else None

#: A plugin's file: its entry is that of the bundle. It names the bundle's bytes, so that its own digest changes with them.
_DOOR = """\
extern const void *voxomics_{library}(unsigned generation, unsigned carrier);
const char voxomics_bundle_sha256[] = "{sha256}";
const void *voxomics_plugin_entry(unsigned generation, unsigned carrier) {{ return voxomics_{library}(generation, carrier); }}
"""


def _doors(bundle: Path, libraries: list[str], folder: Path) -> None:
    """Makes the files of plugins whose code is in a bundle, beside a copy of that: a few kilobytes each, and found by its own folder."""
    beside = folder / bundle.name
    shutil.copy2(bundle, beside)
    sha256 = hashlib.sha256(beside.read_bytes()).hexdigest()
    compiler = shlex.split(os.environ.get("CC", "cc"))
    how = ["-shared", "-fPIC", "-Os", "-s", "-nostdlib", "-Wl,--no-undefined", "-Wl,--build-id=none", "-Wl,-rpath,$ORIGIN"]
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "door.c"
        for library in libraries:
            source.write_text(_DOOR.format(library=library, sha256=sha256), encoding="utf-8")
            door = folder / f"lib{library}.so"
            try:
                subprocess.run([*compiler, *how, str(source), "-o", str(door), str(beside)], check=True)
            except FileNotFoundError:
                raise SystemExit(f"the C compiler {compiler[0]!r} is not there: install one, or name it in CC") from None


def _plugins() -> list[str]:
    """The folders of the plugins that the workspace builds; those that stand outside of it are no part of the wheel."""
    command = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    folders = (Path(package["manifest_path"]).parent for package in json.loads(told)["packages"])
    return sorted(folder.name for folder in folders if folder.parent == ROOT / "plugins")


@contextlib.contextmanager
def carried() -> Iterator[None]:
    """Builds what the wheel carries, and lays it into the package until the wheel is made."""
    _remove()
    command = ["cargo", "build", "--release", "--locked"]
    if _BUNDLE:
        # The bundle beside the program and its plugins, with the same features: one build serves all of them.
        command += ["--workspace", *(word for name in ("python", "tests", "fuzz") for word in ("--exclude", f"voxomics-{name}"))]
    try:
        subprocess.run(command, cwd=ROOT, check=True)
    except FileNotFoundError:
        raise SystemExit("cargo is not there, and builds the program and its plugins: install Rust, as from https://rustup.rs") from None
    built = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release"
    before, after = {"win32": ("", ".dll"), "darwin": ("lib", ".dylib")}.get(sys.platform, ("lib", ".so"))
    program = "voxomics.exe" if sys.platform == "win32" else "voxomics"
    try:
        shutil.copy2(built / program, PACKAGE / program)
        (PACKAGE / "plugins").mkdir()
        libraries = [plugin.replace("-", "_") for plugin in _plugins()]
        if _BUNDLE:
            _doors(built / _BUNDLE, libraries, PACKAGE / "plugins")
        else:
            for name in (f"{before}{library}{after}" for library in libraries):
                shutil.copy2(built / name, PACKAGE / "plugins" / name)
        (PACKAGE / "include").mkdir()
        shutil.copy2(ROOT / "include" / "voxomics.h", PACKAGE / "include")
        authors = ROOT / "python" / "plugin" / "voxomics_plugin"
        shutil.copytree(authors, PACKAGE.with_name("voxomics_plugin"), ignore=shutil.ignore_patterns("__pycache__"))
        yield
    finally:
        _remove()


class _Smallest:
    """What zipfile asks of a compressor, by libdeflate, which sees a file as a whole: 4 % smaller than by zlib."""

    def __init__(self) -> None:
        self.content = bytearray()

    def compress(self, content: bytes) -> bytes:
        self.content += content
        return b""

    def flush(self) -> bytes:
        import deflate

        return bytes(deflate.deflate_compress(bytes(self.content), 12))


def pack(wheel: Path) -> None:
    """Writes a wheel again, smaller. Its files and what is told of them stay. Without the package `deflate` it stays as it is."""
    try:
        import deflate  # noqa: F401
    except ImportError:
        return
    smaller = wheel.with_name(f"{wheel.name}.part")
    # zipfile has no other door for a compressor.
    with mock.patch.object(zipfile, "_get_compressor", lambda *_: _Smallest()):
        with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(smaller, "w", zipfile.ZIP_DEFLATED) as after:
            for member in before.infolist():
                after.writestr(member, before.read(member))
    with zipfile.ZipFile(smaller) as after:
        damaged = after.testzip()
        if damaged is not None:
            raise SystemExit(f"{wheel.name} was not packed well: {damaged} cannot be read again")
    smaller.replace(wheel)


#: Versions 2.x of the C library that maturin has a policy for, up to where it has each.
_POLICIES = (17, 24, 26, 27, 28, 31, 34)


def compatibility() -> list[str]:
    """maturin's words for the oldest Linux that the wheel is for: that of the program and its plugins, too, whose libraries maturin does
    not look at. Each names the versions of the C library that it asks for.
    """
    files = [PACKAGE / "voxomics", *(PACKAGE / "plugins").glob("*.so")] if sys.platform == "linux" else []
    asked = {int(minor) for file in files for minor in re.findall(rb"GLIBC_2[.]([0-9]+)", file.read_bytes())}
    if not asked:
        return []
    newest = max(asked)
    return ["--compatibility", f"manylinux_2_{min((minor for minor in _POLICIES if minor >= newest), default=newest)}"]


def _remove() -> None:
    for path in CARRIED:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    folder, *words = sys.argv[1:]
    command = [sys.executable, "-m", "maturin", "build", "--release", "--compression-level", "9", "--out", os.path.abspath(folder), *words]
    for wheel in Path(folder).glob("voxomics-*.whl"):
        wheel.unlink()
    with carried():
        code = subprocess.call([*command, *compatibility()], cwd=ROOT)
    for wheel in Path(folder).glob("voxomics-*.whl"):
        pack(wheel)
    sys.exit(code)
