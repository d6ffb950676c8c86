"""A module proxy that is a folder, as GOPROXY=file:///FOLDER has it.

Source: https://go.dev/ref/mod#goproxy-protocol
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path


def publish(proxy: Path, path: str, version: str, files: Mapping[str, str]) -> None:
    """Put a version of a module there. files: by their names in it; go.mod may be missing."""
    folder = proxy / path / "@v"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "list").open("a") as versions:
        versions.write(f"{version}\n")
    about = {"Version": version, "Time": "2024-01-02T03:04:05Z"}
    (folder / f"{version}.info").write_text(json.dumps(about))
    files = {"go.mod": f"module {path}\n\ngo 1.24\n", **files}
    (folder / f"{version}.mod").write_text(files["go.mod"])
    with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{path}@{version}/{name}", text)


def environment(proxy: Path, cache: Path) -> dict[str, str]:
    """What has go fetch from there alone, into a cache that can be removed."""
    return {
        "GOPROXY": proxy.as_uri(),
        "GONOSUMDB": "*",
        "GONOSUMCHECK": "1",
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(cache),
    }
