# SPDX-License-Identifier: Apache-2.0
"""The kinds of values that the parsers hand out."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import xcrash.parse
from xcrash.parse.value import ParsedValue


def kinds() -> dict[str, type[ParsedValue]]:
    """Every kind of parsed value by its name, which JSON has as ``kind``, in the order of the alphabet."""
    # A kind exists once its module is imported.
    for module in pkgutil.walk_packages(xcrash.parse.__path__, "xcrash.parse."):
        importlib.import_module(module.name)
    return {str(found.__struct_config__.tag): found for found in sorted(_concrete(ParsedValue), key=_name)}


def _concrete(base: type[ParsedValue]) -> Iterator[type[ParsedValue]]:
    for found in base.__subclasses__():
        # A struct without a tag of its own is named after its class: a base of others.
        if found.__struct_config__.tag != found.__name__:
            yield found
        yield from _concrete(found)


def _name(found: type[ParsedValue]) -> str:
    return str(found.__struct_config__.tag)
