# SPDX-License-Identifier: Apache-2.0
"""debuginfod: what its client has already fetched, what a fetch would cost, and the fetch itself.

Nothing here asks the user. Looking into the cache is free of consequences; ``expected_size`` and ``fetch`` talk to
servers and may make them unpack a huge package, so the caller shows ``urls`` and asks first. The URLs of another
machine's root are that machine's, not the user's.

Source of the formats: elfutils, debuginfod-client-config(7), debuginfod-find(1), debuginfod/debuginfod-client.c.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from xcrash.errors import NamelistError
from xcrash.images.catalogue import NameAndKind
from xcrash.images.child import Ended, run_watched
from xcrash.images.text import printable

if TYPE_CHECKING:
    from urllib.request import Request

Progress = Callable[[int, "int | None"], None]

MOST_URLS = 64
GRACE = 1.0
"""Seconds that debuginfod-find has, after its own time limit, to end and remove what it has written."""

_BUILD_ID = re.compile(r"[0-9a-f]{8,128}")
_SIZE = re.compile(r"[0-9]{1,18}")
_COUNTS = re.compile(rb"(?:Progress|Downloading from \S+) ([0-9]{1,18})(?: ?/ ?(-?[0-9]{1,18}))?\s*")


class TextFiles(Protocol):
    """The text files of a machine; ``xcrash.host.sysroot.LocalRoot`` is one."""

    def list(self, path: str) -> Sequence[NameAndKind]: ...
    def text(self, path: str) -> str | None: ...


def cached(build_id: str, environ: Mapping[str, str], home: Path, sudo_home: Path | None = None) -> Path | None:
    """The debuginfo that a debuginfod client has fetched before; under sudo the invoking user's is one, too.

    An empty file is the client's note that no server had it, and no hit.
    """
    identifier = _identifier(build_id)
    if identifier is None:
        return None
    for place in cache_places(environ, home, sudo_home):
        found = place / identifier / "debuginfo"
        with contextlib.suppress(OSError, ValueError):
            if found.is_file() and found.stat().st_size > 0:
                return found
    return None


def cache_places(environ: Mapping[str, str], home: Path, sudo_home: Path | None = None) -> list[Path]:
    """The directories a client may cache in, in its order; empty and relative settings are ignored.

    The old default, ~/.debuginfod_client_cache, goes before the XDG directory where it exists.
    """
    explicit, xdg = environ.get("DEBUGINFOD_CACHE_PATH", ""), environ.get("XDG_CACHE_HOME", "")
    places = [Path(explicit), home / ".debuginfod_client_cache", Path(xdg) / "debuginfod_client"]
    places += [home / ".cache" / "debuginfod_client"]
    if sudo_home is not None:
        places += [sudo_home / ".debuginfod_client_cache", sudo_home / ".cache" / "debuginfod_client"]
    return list(dict.fromkeys(place for place in places if place.is_absolute()))


def setting(environ: Mapping[str, str], files: TextFiles) -> str:
    """What DEBUGINFOD_URLS is, or would be in a login shell: the text of all /etc/debuginfod/*.urls.

    A variable that is set but blank switches debuginfod off.
    """
    if "DEBUGINFOD_URLS" in environ:
        return environ["DEBUGINFOD_URLS"].strip()
    names = [entry.name for entry in files.list("/etc/debuginfod") if entry.name.endswith(".urls")]
    texts = [files.text(f"/etc/debuginfod/{name}") or "" for name in sorted(names)[:MOST_URLS]]
    return " ".join(" ".join(texts).split())


def urls(environ: Mapping[str, str], files: TextFiles) -> list[str]:
    """The servers that would be asked, in order; the tags for signature checks (ima:...) are no servers."""
    words = (printable(word) for word in setting(environ, files).split())
    found = [word for word in words if word.startswith(("http://", "https://", "file://"))]
    return list(dict.fromkeys(found))[:MOST_URLS]


def expected_size(build_id: str, urls: Sequence[str], timeout: float) -> int | None:
    """Bytes of the debuginfo, as the first server that has it says; None when none answers within ``timeout`` seconds.

    Asks by HEAD, and by a GET that is broken off after the headers where a server knows no HEAD (elfutils 0.188).
    """
    identifier = _identifier(build_id)
    if identifier is None:
        return None
    answers: list[int] = []

    def ask() -> None:
        for url in urls[:MOST_URLS]:
            with contextlib.suppress(Exception):
                size = _size_at(f"{url.rstrip('/')}/buildid/{identifier}/debuginfo", timeout)
                if size is not None:
                    answers.append(size)
                    return

    # Neither name resolution nor a server that sends a byte at a time is bounded by a socket's timeout.
    asking = threading.Thread(target=ask, name="debuginfod-size", daemon=True)
    asking.start()
    asking.join(timeout)
    return answers[0] if answers else None


def fetch(build_id: str, environ: Mapping[str, str], progress: Progress, deadline: float) -> Path:
    """Have debuginfod-find fetch the debuginfo into its cache, within ``deadline`` seconds; the path of the file.

    ``environ`` holds the servers (DEBUGINFOD_URLS, see ``setting``) and PATH. ``progress`` gets bytes done and all
    bytes, None while unknown; what it raises ends the fetch. NamelistError "debuginfod-missing" (no program),
    "debuginfod-not-found", "debuginfod-timeout", "debuginfod-failed".
    """
    identifier = _identifier(build_id)
    if identifier is None:
        raise NamelistError(
            "debuginfod-not-found", f"{printable(build_id, 80)} is not a build-id", "check the build-id"
        )
    program = shutil.which("debuginfod-find", path=environ.get("PATH", ""))
    if program is None:
        raise NamelistError(
            "debuginfod-missing",
            "debuginfod-find is not installed",
            "install it: package debuginfod (Debian, Ubuntu), elfutils-debuginfod-client (Fedora, RHEL), "
            "debuginfod-client (SUSE); or install the debuginfo package itself",
        )
    argv, limit = [program, "-v", "debuginfo", identifier], str(max(1, int(deadline)))
    # A server may unpack for minutes before the first byte: only the caller's deadline, or the user's, ends that.
    child = {"DEBUGINFOD_TIMEOUT": limit, **environ}
    child |= {"DEBUGINFOD_PROGRESS": "1", "DEBUGINFOD_MAXTIME": limit, "LC_ALL": "C"}
    with _leftovers_removed(identifier, environ):
        try:
            ended = run_watched(argv, child, lambda line: _report(line, progress), deadline + GRACE)
        except OSError as error:
            if error.filename != program:  # it came out of ``progress``
                raise
            raise NamelistError(
                "debuginfod-failed", f"{printable(program)} cannot be run: {error.strerror}", "check its installation"
            ) from error
        return _result(ended, identifier, deadline)


def _identifier(build_id: str) -> str | None:
    lower = build_id.lower()
    return lower if _BUILD_ID.fullmatch(lower) else None


def _size_at(url: str, timeout: float) -> int | None:
    # Imported only when a server is asked: with ssl, http and email it takes 20 ms, and every plan loads this module.
    from urllib.error import HTTPError
    from urllib.request import Request

    if not url.startswith(("http://", "https://")):
        return None
    try:
        return _answered_size(Request(url, method="HEAD"), timeout)  # noqa: S310 - http and https only, see above
    except HTTPError as refused:
        refused.close()
        if refused.code not in (400, 405, 501):
            return None
    return _answered_size(Request(url), timeout)  # noqa: S310 - http and https only, see above


def _answered_size(request: Request, timeout: float) -> int | None:
    import urllib.request

    # Without the handlers for file: and ftp:, where a redirection could lead.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    with opener.open(request, timeout=timeout) as answer:
        stated = answer.headers.get("X-DEBUGINFOD-SIZE") or answer.headers.get("Content-Length") or ""
        return int(stated) if _SIZE.fullmatch(stated.strip()) and int(stated) > 0 else None


def _report(line: bytes, progress: Progress) -> None:
    """A line such as "Progress 4096 / 81587" or "Downloading from URL 4096/81587".

    A total of 0 says that no server has answered yet, and that the first number counts polls; -1 that it is unknown.
    """
    counts = _COUNTS.fullmatch(line)
    if counts is None:
        return
    done, total = int(counts[1]), int(counts[2] or -1)
    progress(done if total else 0, total if total > 0 else None)


def _result(ended: Ended, identifier: str, deadline: float) -> Path:
    words = ended.output.decode("utf-8", "surrogateescape").strip().splitlines()
    said = printable(ended.errors, 400).strip() or "nothing"
    if ended.timed_out or b"Timer expired" in ended.errors:
        raise NamelistError(
            "debuginfod-timeout",
            f"debuginfod-find did not get the debuginfo of {identifier} within {deadline:g} s",
            "allow more time, or install the debuginfo package: many servers unpack a huge package for a kernel",
        )
    found = Path(words[-1]) if words and ended.status == 0 else None
    with contextlib.suppress(OSError, ValueError):
        if found is not None and found.is_absolute() and found.is_file() and found.stat().st_size > 0:
            return found
    if b"No such file or directory" in ended.errors:
        raise NamelistError(
            "debuginfod-not-found",
            f"no debuginfod server has the debuginfo of {identifier}",
            "install the kernel's debuginfo package, or name a vmlinux with --vmlinux",
        )
    if b"Function not implemented" in ended.errors:
        raise NamelistError(
            "debuginfod-failed",
            "debuginfod-find knows no server: DEBUGINFOD_URLS is not set",
            "set DEBUGINFOD_URLS to the distribution's server, or install the debuginfo package",
        )
    raise NamelistError(
        "debuginfod-failed",
        f"debuginfod-find failed (exit status {ended.status}), saying {said}",
        "check network, DEBUGINFOD_URLS and the space under ~/.cache; or install the debuginfo package",
    )


@contextlib.contextmanager
def _leftovers_removed(identifier: str, environ: Mapping[str, str]) -> Iterator[None]:
    """Remove the part of a file that a killed client leaves (debuginfo.XXXXXX); nobody else ever does."""
    places = [place / identifier for place in cache_places(environ, Path(environ.get("HOME", "")))]
    before = _parts(places)
    try:
        yield
    except BaseException:
        for part in _parts(places) - before:
            with contextlib.suppress(OSError):
                part.unlink()
        raise


def _parts(places: Sequence[Path]) -> set[Path]:
    found: set[Path] = set()
    for place in places:
        with contextlib.suppress(OSError):
            found.update(part for part in place.iterdir() if re.fullmatch(r"debuginfo\.\w{6}", part.name))
    return found
