# SPDX-License-Identifier: Apache-2.0
"""Is there on another machine what the lens takes? Its own xcrash is asked, and runs the lens."""

from __future__ import annotations

from typing import NamedTuple

from xcrash.discovery.crash_program import on_far_path
from xcrash.host.ssh_root import SshRoot
from xcrash.host.values import HostFacts
from xcrash.plan.lens import LensFacts

PYTHON_SECONDS = 60.0
"""A Python that starts for the first time on a slow machine reads hundreds of files."""

_ASKED = """
from importlib.util import find_spec
from xcrash.discovery.lens_facts import PACKAGE, module_places
from xcrash.lens.library import fuse_library
print(int(fuse_library() is not None), int(find_spec(PACKAGE) is not None), module_places())
"""


class FarLens(NamedTuple):
    """What the lens takes there, and the interpreter and PYTHONPATH that run it."""

    facts: LensFacts
    interpreter: str
    modules: str


def far_lens(root: SshRoot, host: HostFacts) -> FarLens:
    """``what_is_there`` on another machine, told by the interpreter that xcrash is installed for there."""
    capabilities = host.privileges.capabilities if host.privileges else ()
    own = on_far_path(root, "xcrash")
    interpreter = (_interpreter(root.text(own, 1 << 12) or "") if own else None) or "python3"
    program = f"exec({_ASKED!r})"  # on one line, as every word of a command that is sent there
    told = root.command(interpreter, "-c", program, deadline=PYTHON_SECONDS) if own else None
    words = (told or "").rstrip("\n").split(" ", 2)
    is_there = len(words) == 3
    facts = LensFacts(
        device=root.kind_of("/dev/fuse") is not None,
        # Of a machine without xcrash nobody can tell, and that is missing first.
        library=words[0] == "1" or not is_there,
        package=is_there and words[1] == "1",
        may_mount="CAP_SYS_ADMIN" in capabilities,
        program=is_there,
    )
    return FarLens(facts, interpreter, words[2] if is_there else "")


def _interpreter(script: str) -> str | None:
    """The Python in the first line of an installed script; None for one that finds it in another way."""
    first = script.split("\n", 1)[0]
    return first[2:] if first.startswith("#!/") and " " not in first and "python" in first.rpartition("/")[2] else None
