# SPDX-License-Identifier: Apache-2.0
"""Boot loader configurations in the shapes that the distributions' generators write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UUID = "6d2a4f0e-93b1-4c55-8f1c-2f6c4a8b7e10"


@dataclass(frozen=True)
class Grub2:
    """What grub-mkconfig knows: ``prefix`` is "/boot", or "" where /boot is a file system of its own."""

    title: str
    prefix: str = "/boot"
    multiboot: str = "multiboot2"
    module: str = "module2"
    initrd: str = "initrd.img-{}"
    root_args: str = f"root=UUID={UUID} ro"
    kernel_args: str = "quiet"
    xen_args: str = ""

    @property
    def dom0_cmdline(self) -> str:
        """/proc/cmdline of a Dom0 booted by it."""
        return f"placeholder {self.root_args} {self.kernel_args}".rstrip()

    def plain_cmdline(self, release: str) -> str:
        """/proc/cmdline of a plain kernel booted by it."""
        return f"BOOT_IMAGE={self.prefix}/vmlinuz-{release} {self.root_args} {self.kernel_args}".rstrip()

    def config(
        self, releases: Sequence[str], xens: Sequence[tuple[str, str]] = (), plain: Sequence[str] | None = None
    ) -> str:
        """grub.cfg for these kernels and hypervisors (file name, name shown), newest first.

        ``plain`` are the kernels that boot without Xen, where those are not the same.
        """
        dom0, releases = releases, releases if plain is None else plain
        text = _HEAD + "### BEGIN /etc/grub.d/10_linux ###\n" + self._plain(f"{self.title}", releases[0], "simple", "")
        text += f"submenu 'Advanced options for {self.title}' $menuentry_id_option 'gnulinux-advanced-{UUID}' {{\n"
        for release in releases:
            text += self._plain(f"{self.title}, with Linux {release}", release, "advanced", "\t")
            text += self._plain(f"{self.title}, with Linux {release} (recovery mode)", release, "recovery", "\t")
        text += "}\n### END /etc/grub.d/10_linux ###\n\n### BEGIN /etc/grub.d/20_linux_xen ###\n"
        if xens:
            text += self._with_xen(f"{self.title}, with Xen hypervisor", *xens[0], dom0[0], "gnulinux-simple", "")
            text += f"submenu 'Advanced options for {self.title} (with Xen hypervisor)' "
            text += f"$menuentry_id_option 'gnulinux-advanced-{UUID}' {{\n"
            for file, name in xens:
                text += f"\tsubmenu 'Xen hypervisor, version {name}' "
                text += f"$menuentry_id_option 'xen-hypervisor-{name}-{UUID}' {{\n"
                for release in dom0:
                    title = f"{self.title}, with Xen {name} and Linux {release}"
                    text += self._with_xen(title, file, name, release, f"gnulinux-{release}-advanced", "\t\t")
                    text += self._with_xen(
                        f"{title} (recovery mode)", file, name, release, f"gnulinux-{release}-recovery", "\t\t", True
                    )
                text += "\t}\n"
            text += "}\n"
        return text + "### END /etc/grub.d/20_linux_xen ###\n"

    def _plain(self, title: str, release: str, kind: str, indent: str) -> str:
        args = f"{self.root_args} single" if kind == "recovery" else f"{self.root_args} {self.kernel_args}"
        lines = [
            f"menuentry '{title}' --class gnu-linux --class gnu --class os "
            f"$menuentry_id_option 'gnulinux-{release}-{kind}-{UUID}' {{",
            *_SEARCH,
            f"\techo\t'Loading Linux {release} ...'",
            f"\tlinux\t{self.prefix}/vmlinuz-{release} {args}",
            "\techo\t'Loading initial ramdisk ...'",
            f"\tinitrd\t{self.prefix}/{self.initrd.format(release)}",
            "}",
        ]
        return "".join(f"{indent}{line}\n" for line in lines)

    def _with_xen(
        self, title: str, file: str, name: str, release: str, ident: str, indent: str, recovery: bool = False
    ) -> str:
        kernel = f"{self.root_args} single" if recovery else f"{self.root_args} {self.kernel_args}"
        xen = "" if recovery else self.xen_args
        lines = [
            f"menuentry '{title}' --class gnu-linux --class gnu --class os --class xen "
            f"$menuentry_id_option 'xen-{ident}-{UUID}' {{",
            *_SEARCH,
            f"\techo\t'Loading Xen {name} ...'",
            '\tif [ "$grub_platform" = "pc" -o "$grub_platform" = "" ]; then',
            "\t    xen_rm_opts=",
            "\telse",
            '\t    xen_rm_opts="no-real-mode edd=off"',
            "\tfi",
            f"\t{self.multiboot}\t{self.prefix}/{file} placeholder {xen} ${{xen_rm_opts}}",
            f"\techo\t'Loading Linux {release} ...'",
            f"\t{self.module}\t{self.prefix}/vmlinuz-{release} placeholder {kernel}",
            "\techo\t'Loading initial ramdisk ...'",
            f"\t{self.module}\t--nounzip   {self.prefix}/{self.initrd.format(release)}",
            "}",
        ]
        return "".join(f"{indent}{line}\n" for line in lines)


_HEAD = """#
# DO NOT EDIT THIS FILE
#
# It is automatically generated by grub-mkconfig using templates
# from /etc/grub.d and settings from /etc/default/grub
#
if [ -s $prefix/grubenv ]; then
  load_env
fi
set default="${saved_entry}"
set timeout=8

"""
_SEARCH = (
    "\tinsmod part_gpt",
    "\tinsmod ext2",
    "\tset root='hd0,gpt2'",
    f"\tsearch --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2 {UUID}",
)


def default_grub(**settings: str) -> str:
    """/etc/default/grub."""
    lines = "".join(f'{name}="{value}"\n' for name, value in settings.items())
    return (
        "# If you change this file, generate grub.cfg again afterwards.\nGRUB_DEFAULT=saved\nGRUB_TIMEOUT=8\n" + lines
    )


def grubenv(**variables: str) -> str:
    """The environment block: always 1024 bytes (GRUB manual, "The GRUB environment block")."""
    text = "# GRUB Environment Block\n" + "".join(f"{name}={value}\n" for name, value in variables.items())
    return text.ljust(1024, "#")


def bls(
    title: str, release: str, options: str, prefix: str = "", initrd: str = "initramfs-{}.img", arg: str = ""
) -> str:
    """An entry of /boot/loader/entries (Boot Loader Specification)."""
    return (
        f"title {title}\nversion {release}\nlinux {prefix}/vmlinuz-{release}\n"
        f"initrd {prefix}/{initrd.format(release)}{arg}\noptions {options}\n"
        "grub_users $grub_users\ngrub_arg --unrestricted\ngrub_class kernel\n"
    )
