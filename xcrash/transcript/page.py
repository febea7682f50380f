# SPDX-License-Identifier: Apache-2.0
"""The source of a web page or of an HTML mail as the lines that a reader sees; ``<pre>`` stays, on lines of its own.

Source of the names: HTML Living Standard, section 15.3 (which elements begin a line).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PAGE = re.compile(r"</(?:pre|code|div|font|span|p|td)>|<br ?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>|</(?:div|p|li|tr|h[1-6]|blockquote)>", re.IGNORECASE)
_PRE = re.compile(r"(</?pre)(?:\s[^<>]{0,300})?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|blockquote|code|div|em|font|h[1-6]|html|body|i|kbd|li|ol|p|samp|span|strong|table|tbody|td|th|tr|tt|u|ul)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)


def page_lines(lines: Iterable[str]) -> list[str]:
    """``lines`` without tags and broken where the page breaks them; as they are, if they are no page."""
    source = list(lines)
    if not any("<" in line and _PAGE.search(line) for line in source):
        return source
    return [part for line in source for part in (_parts(line) if "<" in line else (line,))]


def _parts(line: str) -> list[str]:
    plain = _TAG.sub("", _PRE.sub(r"\n\1>\n", _BREAK.sub("\n", line)))
    return [part for part in plain.split("\n") if part.strip()] or [""]
