# SPDX-License-Identifier: Apache-2.0
"""``python -m xcrash``, and the console script."""

from __future__ import annotations

import os
import sys

from xcrash import __version__


def main() -> None:
    """Run the command line; ``--version`` is answered before all of it is imported."""
    if sys.argv[1:] == ["--version"] and _written(f"xcrash, version {__version__}\n"):
        return
    from xcrash.cli.main import main as command_line

    command_line()


def _written(text: str) -> bool:
    try:
        return os.write(1, text.encode()) == len(text)
    except OSError:  # The command line has words for it.
        return False


if __name__ == "__main__":
    main()
