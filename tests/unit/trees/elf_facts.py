# SPDX-License-Identifier: Apache-2.0
"""What the headers of a file in a tree say."""

from __future__ import annotations

from tests.trees import Tree
from xcrash.images import elf
from xcrash.images.notes import build_id_of, iter_notes


class Elf:
    """What the headers of an ELF file say."""

    def __init__(self, data: bytes) -> None:
        def read_at(offset: int, size: int) -> bytes:
            return data[offset : offset + size]

        header = elf.read_header(read_at)
        assert header is not None
        segments = elf.read_segments(read_at, header)
        sections = elf.read_sections(read_at, header)
        assert sections is not None
        self.header, self.data = header, data
        self.sections = {section.name: section for section in sections}
        self.build_id = build_id_of(elf.read_notes(read_at, header, segments, sections))
        self.segment_build_id = build_id_of(
            note
            for segment in segments
            if segment.type == elf.PT_NOTE
            for note in iter_notes(read_at(segment.offset, segment.size), header.endian)
        )
        assert elf.least_size(header, segments, sections) <= len(data)

    def in_file(self, name: str) -> bool:
        return name in self.sections and self.sections[name].in_file


def read(tree: Tree, path: str) -> bytes:
    return (tree.root / path[1:]).read_bytes()
