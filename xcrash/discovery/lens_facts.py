# SPDX-License-Identifier: Apache-2.0
"""Is there what the lens takes: FUSE in the kernel, its library, the package that speaks to it, the right to mount?"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from xcrash.host.values import HostFacts
from xcrash.lens.library import fuse_library
from xcrash.plan.lens import LensFacts

PACKAGE = "mfusepy"


def lens_facts(host: HostFacts) -> LensFacts | None:
    """What of it this machine has; None for a copy of a machine, or where no lens is needed to know."""
    if host.kind != "live" or host.xen is None:
        return None
    return what_is_there(host)


def what_is_there(host: HostFacts) -> LensFacts:
    """What of it is there; nothing is mounted for that."""
    capabilities = host.privileges.capabilities if host.privileges else ()
    return LensFacts(
        device=Path("/dev/fuse").exists(),
        library=fuse_library() is not None,
        package=importlib.util.find_spec(PACKAGE) is not None,
        may_mount="CAP_SYS_ADMIN" in capabilities,
    )


def module_places() -> str:
    """PYTHONPATH for an interpreter that is to find xcrash and mfusepy where this one does, whatever its HOME."""
    places = []
    for name in ("xcrash", PACKAGE):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin).parent
            places.append(str(origin.parent if spec.submodule_search_locations else origin))
    return os.pathsep.join(dict.fromkeys(places))
