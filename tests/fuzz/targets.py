# SPDX-License-Identifier: Apache-2.0
"""Every target by its name."""

from __future__ import annotations

from typing import Final

from tests.fuzz import boot_targets, dump_targets, host_targets, image_targets, text_targets
from tests.fuzz.given import Target

TARGETS: Final[dict[str, Target]] = {
    **image_targets.TARGETS,
    **dump_targets.TARGETS,
    **boot_targets.TARGETS,
    **host_targets.TARGETS,
    **text_targets.TARGETS,
}
