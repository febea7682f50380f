# SPDX-License-Identifier: Apache-2.0
"""What a command of crash's embedded gdb would do. gdb takes any beginning of a verb, so a verb is judged by its worst.

crash prohibits some verbs by their exact names only (gdb_interface.c:prohibited_list): ``shel``, ``with ... -- shell``,
``pipe``, ``alias`` and ``$_shell()`` all reach a shell.
"""

from __future__ import annotations

import re

from xcrash.session.risk import Kind, Risk, worst

_SHELL = "it runs programs of this machine"
_CODE = "it runs code in crash"
_FILE = "it writes a file"
_MEMORY = "gdb writes memory with it"
_SETTING = "it changes how gdb works from now on"

_VERBS: dict[str, tuple[Kind, str]] = {
    **dict.fromkeys(("shell", "!", "make", "pipe", "|"), ("runs-shell", _SHELL)),
    **dict.fromkeys(
        ("eval", "interpreter-exec", "faas", "taas", "tfaas", "alias", "commands", "define", "document", "while", "if"),
        ("runs-shell", "it runs gdb commands that xcrash cannot judge"),
    ),
    **dict.fromkeys(
        ("python", "py", "python-interactive", "pi", "guile", "gu", "guile-repl", "gr", "compile", "expression"),
        ("loads-code", _CODE),
    ),
    **dict.fromkeys(("source", "jit-reader-load", "load"), ("loads-code", "it runs what a file holds")),
    **dict.fromkeys(
        ("dump", "append", "save", "generate-core-file", "gcore", "tsave", "maintenance", "mt", "record"),
        ("writes-file", _FILE),
    ),
    **dict.fromkeys(("restore", "flash-erase", "call", "set"), ("writes-memory", _MEMORY)),
    **dict.fromkeys(
        (
            *("add-symbol-file", "add-symbol-file-from-memory", "symbol-file", "file", "exec-file", "core-file"),
            *("remove-symbol-file", "sharedlibrary", "nosharedlibrary", "section", "directory", "cd", "path", "unset"),
            *("target", "attach", "detach", "kill", "inferior", "add-inferior", "remove-inferiors", "clone-inferior"),
            *(
                "add-auto-load-safe-path",
                "add-auto-load-scripts-directory",
                "overlay",
                "skip",
                "tty",
                "macro",
                "delete",
            ),
            *("display", "undisplay", "init-if-undefined", "checkpoint", "restart", "memory-tag", "mem", "disconnect"),
            *("define-prefix", "dont-repeat", "jit-reader-unload", "monitor", "remote", "tui", "layout", "edit"),
            *("new-ui", "focus", "refresh", "winheight", "wh", "winwidth", "fs"),
        ),
        ("changes-session", _SETTING),
    ),
    **dict.fromkeys(
        (
            *("print", "p", "inspect", "output", "printf", "printm", "print-object", "po", "echo", "x", "info", "i"),
            *("inf", "list", "l", "disassemble", "ptype", "whatis", "show", "help", "h", "apropos", "complete", "bt"),
            *("backtrace", "where", "frame", "f", "up", "down", "select-frame", "function", "thread", "find"),
            *(
                "demangle",
                "search",
                "forward-search",
                "fo",
                "reverse-search",
                "rev",
                "pwd",
                "explore",
                "compare-sections",
            ),
        ),
        ("read", ""),
    ),
}
_SLOW_INFO = re.compile(r"(?:ty|fu|var|sco|so|sou|mac)\w*(?=\s|$)")
_SETTINGS_NAMES = """
ada args basenames-may-differ breakpoint case-sensitive charset check circular-trace-buffer complaints confirm cp-abi
cwd data-directory debug debug-file-directory demangle-style directories disassemble-next-line disassembler-options
disassembly-flavor extended-prompt extension-language filename-display gnutarget host-charset input-radix language
listsize max-completions max-user-call-depth max-value-size opaque-type-resolution osabi output-radix p pr print radix
script-extension scope style substitute-path symbol-reloading sysroot target-charset trace-notes verbose width
worker-threads gdb index-cache dwarf2 dwarf maintenance
"""
_SETTINGS = frozenset(_SETTINGS_NAMES.split())
_LOSING = ("logging", "pagination", "annotate", "editing", "interactive-mode")
_PROMPTS_NAMES = """
python py python-interactive pi guile gu guile-repl gr commands compile expression actions define document
"""
_PROMPTS = frozenset(_PROMPTS_NAMES.split())
_SCREENS_NAMES = """
edit tui layout new-ui python-interactive pi guile-repl gr
"""
_SCREENS = frozenset(_SCREENS_NAMES.split())
_WORD = re.compile(r"\s*(?P<verb>[A-Za-z][\w-]*|[!|])(?P<format>/\w*)?\s*(?P<rest>.*)", re.DOTALL)
_LITERALS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'')
_OPTIONS = re.compile(r"^\s*(?:-[A-Za-z][\w-]*\s+(?:\w+\s+)?)*--(?=\s)")
_CONVENIENCE = re.compile(r"^\s*\$[A-Za-z_]\w*\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)")
_ASSIGNS = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|(?:<<|>>)=")


def classify_gdb(line: str, named: bool = True) -> Risk:
    """What ``line`` (without ``gdb``) would do. Not ``named``: it may be a word that gdb never sees, then it reads."""
    match = _WORD.match(line)
    if match is None:
        return Risk("read", "") if not named or not line.strip() else Risk("runs-shell", "xcrash cannot read it")
    verb, rest = match["verb"], match["rest"]
    risks = [_rest(verb, rest), *(Risk(kind, f"gdb {name}: {why}") for name, kind, why in _meanings(verb))]
    if verb in ("set", "with"):
        risks.pop()
        risks.append(_set(rest) if verb == "set" else _with(rest))
    elif not _meanings(verb):
        risks.append(
            Risk("runs-shell", f"xcrash does not know what {verb!r} of gdb does") if named else Risk("read", "")
        )
    return worst(risks)


def _meanings(verb: str) -> list[tuple[str, Kind, str]]:
    """The verbs that ``verb`` can be short for."""
    if verb == "with":
        return [("with", "read", "")]
    names = [verb] if verb in _VERBS else [name for name in _VERBS if name.startswith(verb)]
    return [(name, *_VERBS[name]) for name in names]


def _rest(verb: str, rest: str) -> Risk:
    if "$_shell" in rest:
        return Risk("runs-shell", "$_shell() runs a program of this machine")
    if verb.startswith(("fr", "thr")) and re.match(r"a|f\w*\s+a", rest):
        return Risk("runs-shell", "it runs gdb commands that xcrash cannot judge")
    if verb.startswith("i") and _SLOW_INFO.match(rest):
        return Risk("slow", "gdb reads all of the debug information for it: minutes")
    return Risk("writes-memory", _MEMORY) if verb not in ("echo", "with", "set") and assigns(rest) else Risk("read", "")


def assigns(expression: str) -> bool:
    """Does an expression of C change something but a variable of gdb's own?"""
    bare = _OPTIONS.sub("", _LITERALS.sub("''", expression))
    return bool(_ASSIGNS.search(_CONVENIENCE.sub("", bare)))


def _set(rest: str) -> Risk:
    if _CONVENIENCE.match(rest):
        return Risk("writes-memory", _MEMORY) if assigns(rest) else Risk("changes-session", _SETTING)
    name = re.match(r"[\w-]*", rest)
    known = name is not None and name[0] in _SETTINGS
    return Risk("changes-session", _SETTING) if known else Risk("writes-memory", "gdb set: " + _MEMORY)


def _with(rest: str) -> Risk:
    command = re.split(r"\s--\s", rest, maxsplit=1)
    return classify_gdb(command[1]) if len(command) > 1 else Risk("changes-session", _SETTING)


def loses_gdb(line: str) -> bool:
    """Would ``line`` (without ``gdb``) leave gdb unusable: a pager, another prompt, a log that crash cannot write?

    ``set logging on`` makes every later gdb request end in a segmentation violation (crash 9.0.2).
    """
    match = re.match(r"\s*(?:set|w(?:ith?)?)\s+([\w-]+)(?P<rest>.*)", line, re.DOTALL)
    if match and len(match[1]) >= 3 and any(name.startswith(match[1]) for name in _LOSING):
        return True
    inner = re.match(r"\s*with?\s.*?\s--\s(?P<command>.*)", line, re.DOTALL)
    if inner:
        return loses_gdb(inner["command"])
    return bool(re.match(r"\s*(?:alias|q|quit|exit|qui)(?=\s|$)", line))


def takes_gdb(line: str) -> bool:
    """Would ``line`` (without ``gdb``) start a screen or ask for more lines?"""
    match = _WORD.match(line)
    if match is None:
        return False
    verb = match["verb"]
    if verb == "compile":
        return not match["rest"].partition(" ")[2].strip()
    return verb in _SCREENS or (verb in _PROMPTS and not match["rest"].strip())
