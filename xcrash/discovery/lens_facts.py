# SPDX-License-Identifier: Apache-2.0
"""Is there what the lens takes: FUSE in the kernel, its library, the package that speaks to it, the right to mount?"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

from xcrash.discovery.crash_program import on_far_path
from xcrash.host.ssh_root import SshRoot
from xcrash.host.values import HostFacts
from xcrash.plan.lens import LensFacts

PACKAGE = "mfusepy"


def lens_facts(host: HostFacts) -> LensFacts | None:
    """What of it this machine has; None for a copy of a machine, or where no lens is needed to know."""
    if host.kind != "live" or host.xen is None:
        return None
    return what_is_there(host)


def what_is_there(host: HostFacts) -> LensFacts:
    """What of it is there; nothing is loaded or mounted for that."""
    capabilities = host.privileges.capabilities if host.privileges else ()
    return LensFacts(
        device=Path("/dev/fuse").exists(),
        # Where mfusepy looks, in its order.
        library=bool(os.environ.get("FUSE_LIBRARY_PATH") or library()),
        package=importlib.util.find_spec(PACKAGE) is not None,
        may_mount="CAP_SYS_ADMIN" in capabilities,
    )


class FarLens(NamedTuple):
    """What the lens takes on another machine, and the interpreter and PYTHONPATH that run it there."""

    facts: LensFacts
    interpreter: str
    modules: str


_ASKED = (
    "import importlib.util as u; from xcrash.discovery.lens_facts import PACKAGE, library, module_places; "
    "print(int(bool(library())), int(u.find_spec(PACKAGE) is not None), int(u.find_spec('xcrash.lens') is not None), "
    "module_places())"
)


def far_lens(root: SshRoot, host: HostFacts) -> FarLens:
    """``what_is_there`` on another machine: its own xcrash tells, by the interpreter that it is installed for."""
    capabilities = host.privileges.capabilities if host.privileges else ()
    own = on_far_path(root, "xcrash")
    interpreter = (own and _interpreter(root.text(own, 1 << 12) or "")) or "python3"
    told = (root.command(interpreter, "-c", _ASKED) or "").rstrip("\n").split(" ", 3) if own else []
    library_there, package, program = (word == "1" for word in told[:3]) if len(told) == 4 else (False,) * 3
    facts = LensFacts(
        device=root.kind_of("/dev/fuse") is not None,
        library=library_there or not program,
        package=package,
        may_mount="CAP_SYS_ADMIN" in capabilities,
        program=program,
    )
    return FarLens(facts, interpreter, told[3] if program else "")


def _interpreter(script: str) -> str | None:
    """The Python in the first line of an installed script; None for one that finds it in another way."""
    first = script.split("\n", 1)[0]
    return first[2:] if first.startswith("#!/") and " " not in first and "python" in first.rpartition("/")[2] else None


def library() -> str | None:
    """The name of the FUSE library."""
    return ctypes.util.find_library("fuse") or ctypes.util.find_library("fuse3")


def module_places() -> str:
    """PYTHONPATH for an interpreter that is to find xcrash and mfusepy where this one does, whatever its HOME."""
    places = []
    for name in ("xcrash", PACKAGE):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin).parent
            places.append(str(origin.parent if spec.submodule_search_locations else origin))
    return os.pathsep.join(dict.fromkeys(places))
