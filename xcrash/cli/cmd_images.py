# SPDX-License-Identifier: Apache-2.0
"""``xcrash images``: what the files of a /boot and a debuginfo directory are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from xcrash.cli.documents import plain
from xcrash.cli.options import Manner, root_options
from xcrash.cli.output import write_document, write_painted
from xcrash.cli.text import Paper, render
from xcrash.discovery.kernels import named_file
from xcrash.discovery.survey import machine
from xcrash.errors import XcrashError
from xcrash.explain import image_sections
from xcrash.host.open_root import open_root
from xcrash.host.ssh_root import SshRoot
from xcrash.host.sysroot import Sysroot
from xcrash.images.catalogue import Catalogue, ModuleTree
from xcrash.images.classify import classify_image
from xcrash.images.image import Image
from xcrash.ssh import is_address
from xcrash.target import Choices

MOST_FILES = 5000
"""Files of one named directory that are looked into."""


@click.command(short_help="Say what kernel and Xen files are.")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@root_options
def images(choices: Choices, manner: Manner, paths: tuple[str, ...]) -> None:
    """Say what the files in PATHS are: kernels, Xen images, debuginfo, dumps; what crash would do with each, and why.

    Without PATHS: everything at the places where the distributions keep such files, under the root. When the first of
    them is ssh://[user@]host[:port] the files are those of that machine, named by their absolute paths.
    """
    modules: tuple[ModuleTree, ...] = ()
    if paths and is_address(paths[0]):
        root = machine(msgspec.structs.replace(choices, target=paths[0]))
        there = root if isinstance(root, SshRoot) else None
        if paths[1:]:
            found = [classify_image(named_file(path, there), path) for path in paths[1:]]
        else:
            found, modules = _known(root)
    elif paths:
        found = [_with_identity(classify_image(file)) for file in _files(paths)]
    else:
        root = open_root(Path(choices.root) if choices.root else None)
        found, modules = _known(root)
    if manner.json:
        write_document("images", {"images": plain(found), "module_directories": plain(modules)})
    else:
        write_painted(render(image_sections(found, modules), Paper(manner.color)))


def _known(root: Sysroot) -> tuple[list[Image], tuple[ModuleTree, ...]]:
    if isinstance(root, SshRoot):
        root.rehearse(lambda: Catalogue(root).known_images())
    known = Catalogue(root).known_images()
    found = [msgspec.structs.replace(classify_image(one.local, one.path), also=one.also) for one in known.images]
    return found, known.modules


def _with_identity(image: Image) -> Image:
    """A dump with whose it is, by its headers alone."""
    if image.role != "dump":
        return image
    from xcrash.images.dump import identify_dump

    try:
        dump = identify_dump(Path(image.file), scan=False)
    except XcrashError:
        return image
    facts = (f"Xen {dump.xen.version or 'of unknown version'}", *dump.xen.facts) if dump.xen else ()
    return msgspec.structs.replace(
        image,
        release=image.release or dump.release,
        build_id=image.build_id or dump.build_id,
        notes=(*image.notes, *facts),
    )


def _files(paths: Iterable[str]) -> list[Path]:
    """The named files, and what lies directly in a named directory."""
    files: list[Path] = []
    for name in paths:
        path = Path(name).absolute()
        try:
            inside = sorted(path.iterdir())[:MOST_FILES] if path.is_dir() else None
        except (OSError, ValueError):
            inside = None
        files += [path] if inside is None else [file for file in inside if not file.is_dir()]
    return files
