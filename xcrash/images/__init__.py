# SPDX-License-Identifier: Apache-2.0
"""What are these files? Kernel images and dumps, told from their headers before crash is started.

The readers of a dozen dump formats are imported by who wants them: ``xcrash.images.dump``.
"""

from __future__ import annotations

from xcrash.images.identity import DumpIdentity
from xcrash.images.kernel import KernelImage, identify_kernel
from xcrash.images.match import Match, Verdict, compare, require_match
from xcrash.images.namelist import check_namelist

__all__ = [
    "DumpIdentity",
    "KernelImage",
    "Match",
    "Verdict",
    "check_namelist",
    "compare",
    "identify_kernel",
    "require_match",
]
