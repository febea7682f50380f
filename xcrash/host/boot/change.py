# SPDX-License-Identifier: Apache-2.0
"""Where a parameter of Xen or of the kernel is changed on a host. Shown to a person, never done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from xcrash.host.boot.grub_default import PATH as GRUB_DEFAULT
from xcrash.host.boot.grub_default import Setting, read_grub_default
from xcrash.host.boot.menu import words_of
from xcrash.host.boot.parameters import Side, side_of
from xcrash.host.sysroot import Sysroot
from xcrash.host.values import Boot, BootEntry, Loader, OsRelease

Family = Literal["suse", "redhat", "debian", "xenserver"]

XEN_CMDLINE = "/opt/xensource/libexec/xen-cmdline"
DEBIAN_XEN = "/etc/default/grub.d/xen.cfg"

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("suse", "opensuse", "sles", "sled", "sles_sap", "caasp"), "suse"),
    **dict.fromkeys(("rhel", "centos", "fedora", "ol", "rocky", "almalinux", "qubes", "scientific"), "redhat"),
    **dict.fromkeys(("debian", "ubuntu", "linuxmint", "raspbian"), "debian"),
    **dict.fromkeys(("xenenterprise", "xcp-ng", "xenserver"), "xenserver"),
}


class Rule(NamedTuple):
    """How a change is made with a loader on a family of hosts; ``{config}`` is the loader's own configuration.

    ``edit`` None: not by hand, the command does it. ``apply`` None: nothing is generated, the next boot reads the file.
    """

    loader: Loader
    family: Family | None
    edit: str | None
    apply: str | None
    apply_kernel: str | None = None


RULES = (
    Rule("grub2", "xenserver", None, f"{XEN_CMDLINE} --set-xen KEY=VALUE", f"{XEN_CMDLINE} --set-dom0 KEY=VALUE"),
    Rule("grub2", "suse", GRUB_DEFAULT, "grub2-mkconfig -o {config}"),
    Rule("grub2", "redhat", GRUB_DEFAULT, "grub2-mkconfig -o {config}"),
    Rule("grub2", "debian", GRUB_DEFAULT, "update-grub"),
    Rule("grub2", None, GRUB_DEFAULT, "grub-mkconfig -o {config}"),
    Rule("bls", "redhat", GRUB_DEFAULT, "grubby --update-kernel=ALL --args=KEY=VALUE"),
    Rule("bls", None, GRUB_DEFAULT, "grub2-mkconfig -o /boot/grub2/grub.cfg"),
    Rule("grub-legacy", None, "{config}", None),
    Rule("systemd-boot", None, "{entry}", None),
    Rule("xen.cfg", None, "{config}", None),
    Rule("extlinux", None, "{config}", None),
    Rule("elilo", None, "{config}", None),
)
"""Basis: SUSE KB 3559698, 20_linux_xen of GRUB, XCP-ng's package scripts, the Xen EFI document, grubby(8)."""


class Change(NamedTuple):
    edit_path: str | None = None
    edit_hint: str | None = None
    kernel_hint: str | None = None
    apply_command: str | None = None
    settings: dict[str, str] = {}  # noqa: RUF012  never changed


def family_of(os: OsRelease) -> Family | None:
    """The family of a distribution, by its id, then by what it says it is like."""
    for name in (os.id, *os.id_like):
        name = (name or "").lower()
        if name in FAMILIES:
            return FAMILIES[name]
        if name.startswith(("opensuse", "sle-", "sle_", "suse")):
            return "suse"
    return None


def where_to_change(root: Sysroot, boot: Boot, os: OsRelease) -> Change:
    """File, place and command for the loader in use; the hint names what is there now."""
    family: Family | None = "xenserver" if root.kind_of(XEN_CMDLINE) == "file" else family_of(os)
    entry = current_entry(boot)
    loader: Loader | None = "grub2" if family == "xenserver" and root.kind_of(XEN_CMDLINE) == "file" else boot.loader
    rule = next((rule for rule in RULES if rule.loader == loader and rule.family in (family, None)), None)
    if rule is None:
        return Change()
    apply = rule.apply.format(config=boot.config_path) if rule.apply else None
    if rule.edit is None:
        return Change(None, None, rule.apply_kernel, apply)
    if rule.edit != GRUB_DEFAULT:
        path = entry.config_path if entry and rule.edit == "{entry}" else boot.config_path
        xen, kernel = (_line_hint(root, boot, entry, side) for side in ("xen", "kernel"))
        return Change(path, xen if entry and entry.hypervisor else kernel, kernel, apply)
    found = read_grub_default(root)
    keeps_lines = root.kind != "supportconfig"
    kernel_name = _kernel_variable(found, family, runs_xen=_has_xen(boot))
    kernel = _variable_hint(found, kernel_name, keeps_lines=keeps_lines)
    path, hint = found[kernel_name].path if kernel_name in found else GRUB_DEFAULT, kernel
    if _has_xen(boot) and boot.loader == "grub2":
        name = _xen_variable(found)
        new = DEBIAN_XEN if family == "debian" and root.kind_of(DEBIAN_XEN) == "file" else GRUB_DEFAULT
        path, hint = found[name].path if name in found else new, _variable_hint(found, name, keeps_lines=keeps_lines)
    settings = {name: setting.value for name, setting in found.items() if name.startswith("GRUB_CMDLINE_")}
    where = found[kernel_name].path if kernel_name in found else GRUB_DEFAULT
    return Change(path, hint, f"{where}: {kernel}" if where != path else kernel, apply, settings)


def current_entry(boot: Boot) -> BootEntry | None:
    """The booted entry; when it cannot be told the one that may be and boots by default, or the first that may be."""
    possible = [entry for entry in boot.entries if entry.current is not False]
    for entry in possible:
        if entry.current:
            return entry
    return next((entry for entry in possible if entry.default), possible[0] if possible else None)


def _has_xen(boot: Boot) -> bool:
    return any(entry.hypervisor for entry in boot.entries if entry.current is not False)


def _xen_variable(found: Mapping[str, Setting]) -> str:
    """The variable for Xen's options: the one in use, for choice the one that leaves recovery entries alone."""
    usual = "GRUB_CMDLINE_XEN_DEFAULT"
    return "GRUB_CMDLINE_XEN" if usual not in found and "GRUB_CMDLINE_XEN" in found else usual


def _kernel_variable(found: Mapping[str, Setting], family: Family | None, *, runs_xen: bool) -> str:
    if runs_xen:
        for name in ("GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT", "GRUB_CMDLINE_LINUX_XEN_REPLACE"):
            if name in found and found[name].value:
                return name
    return "GRUB_CMDLINE_LINUX" if family == "redhat" else "GRUB_CMDLINE_LINUX_DEFAULT"


def _variable_hint(found: Mapping[str, Setting], name: str, *, keeps_lines: bool) -> str:
    if name not in found:
        return f"{name}= (not set now)"
    line = f"line {found[name].line}, " if keeps_lines else ""
    return f'{name}= ({line}now "{found[name].value}")'


def _line_hint(root: Sysroot, boot: Boot, entry: BootEntry | None, side: Side) -> str | None:
    """The line of the entry, with its number when the root keeps line numbers."""
    if entry is None:
        return None
    line = entry.hypervisor_line if side == "xen" else entry.kernel_line
    if line is not None:
        lines = (root.text(entry.config_path or boot.config_path or "") or "").split("\n")
        if line <= len(lines):
            return f"line {line}: {lines[line - 1].strip()}"
    words = (entry.hypervisor, entry.hypervisor_args) if side == "xen" else (entry.kernel, entry.kernel_args)
    shown = " ".join(word for word in words if word)
    return f'the line of "{entry.title}": {shown}' if shown else None


def how_to_set(boot: Boot, os: OsRelease, parameter: str) -> tuple[str, ...]:
    """What a person does on this host to set ``parameter`` ("dom0_max_vcpus", or "dom0_max_vcpus=4"), line by line."""
    name, equals, value = parameter.partition("=")
    setting = parameter if equals and value else f"{name}=VALUE"
    side, either = side_of(parameter)
    runs_xen = _has_xen(boot)
    lines = [_whose(name, side, runs_xen=runs_xen, either=either), _now(boot, name, side)]
    by_command = boot.apply_command is not None and "KEY=VALUE" in boot.apply_command
    if boot.loader is None:
        return (lines[0], "No boot loader configuration was found: where it is changed cannot be told.")
    if by_command and boot.edit_path is None:
        command = boot.apply_command if side == "xen" else boot.kernel_hint
        lines.append(f"Run: {(command or '').replace('KEY=VALUE', setting)}")
        lines.append("Do not edit grub.cfg by hand: updates write it anew.")
    else:
        lines += _edit(boot, os, setting, side, runs_xen=runs_xen)
    lines.append("It takes effect at the next boot.")
    return tuple(line for line in lines if line)


def _whose(name: str, side: Side, *, runs_xen: bool, either: bool) -> str:
    if not runs_xen:
        return f"{name} is an option of the Xen hypervisor, but no entry here starts one." if side == "xen" else ""
    owner = "of the Xen hypervisor, not of the Dom0 kernel" if side == "xen" else "of the Dom0 kernel, not of Xen"
    return f"{name} is known to Xen and to the kernel; here Xen decides." if either else f"{name} is an option {owner}."


def _now(boot: Boot, name: str, side: Side) -> str:
    entry = current_entry(boot)
    text = (entry.hypervisor_args if side == "xen" else entry.kernel_args) if entry else None
    found = [word for word in words_of(text) if word.partition("=")[0] == name]
    return f"The entry has now: {' '.join(found)}" if found else ""


def _edit(boot: Boot, os: OsRelease, setting: str, side: Side, *, runs_xen: bool) -> list[str]:
    hint = boot.edit_hint if side == "xen" or not runs_xen else boot.kernel_hint
    path = boot.edit_path or boot.config_path or ""
    if hint and hint.startswith("/") and ": " in hint:
        path, _, hint = hint.partition(": ")
    if boot.loader in ("grub2", "bls"):
        lines = [f"Edit {path}: put {setting} inside the quotes of {hint}"]
        if side == "xen" and runs_xen:
            lines.append("GRUB_CMDLINE_XEN goes into every entry, GRUB_CMDLINE_XEN_DEFAULT not into recovery entries.")
    else:
        where = "before the first ---, " if boot.loader == "extlinux" and side == "xen" else ""
        where = "before the --, " if boot.loader == "elilo" and side == "xen" else where
        where = "in options=, " if boot.loader == "xen.cfg" and side == "xen" else where
        lines = [f"Edit {path}: add {setting} {where}on {hint}" if hint else f"Edit {path}: add {setting}"]
    if boot.apply_command:
        lines.append(f"Then run: {boot.apply_command.replace('KEY=VALUE', setting)}")
    else:
        lines.append("Nothing has to be generated.")
    if boot.loader == "grub-legacy" and setting.startswith("dom0_mem") and family_of(os) == "suse":
        lines.append("Against ballooning also set (enable-dom0-ballooning no) in /etc/xen/xend-config.sxp.")
    return lines
