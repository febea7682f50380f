# SPDX-License-Identifier: Apache-2.0
"""Make a tree for trying things by hand: python3 -m tests.trees NAME DIRECTORY."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from tests.trees import TREES

_LONG = ("images", "links")


def main() -> int:
    """Write the tree, print the truth about it; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.trees", description=__doc__)
    parser.add_argument("name", choices=("list", *TREES), metavar="NAME", help='a tree, or "list" for all names')
    parser.add_argument("directory", nargs="?", type=Path, help="a new or empty directory")
    arguments = parser.parse_args()
    if arguments.name == "list":
        print("\n".join(TREES))
        return 0
    if arguments.directory is None:
        parser.error("a directory is wanted")
    if arguments.directory.exists() and any(arguments.directory.iterdir()):
        parser.error(f"{arguments.directory} is not empty")
    tree = TREES[arguments.name](arguments.directory)
    for field in dataclasses.fields(tree):
        value = getattr(tree, field.name)
        if value is not None and field.name not in _LONG:
            print(f"{field.name:22} {value!r}")
    print(f"{len(tree.images)} images, {len(tree.links)} links; try: xcrash plan --root {tree.root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
