# SPDX-License-Identifier: Apache-2.0
"""The files of /boot and of the debuginfo directories, as a page."""

from __future__ import annotations

from pathlib import Path

import msgspec

from xcrash.discovery.choices import Choices
from xcrash.errors import XcrashError
from xcrash.explain import image_sections
from xcrash.host.open_root import open_root
from xcrash.images.catalogue import Catalogue
from xcrash.images.classify import classify_image
from xcrash.openable.preview import refusal_sections
from xcrash.sections import Row, Section


def images_page(choices: Choices) -> tuple[Section, ...]:
    """What ``xcrash images`` says of the machine under the root. Never raises XcrashError."""
    try:
        root = open_root(Path(choices.root) if choices.root else None)
        known = Catalogue(root).known_images()
        found = [msgspec.structs.replace(classify_image(one.local, one.path), also=one.also) for one in known.images]
    except XcrashError as error:
        return refusal_sections(error)
    sections = image_sections(found, known.modules)
    nothing = Row("files", "no kernel image, Xen image or debuginfo at the usual places")
    return sections or (Section("none", "Images", "", (nothing,)),)
