# SPDX-License-Identifier: Apache-2.0
"""What a machine can boot, what it booted, and where a parameter is changed, on the roots of the distributions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.boot.fixtures import (
    DEBIAN12,
    EXTLINUX,
    MENU_LST,
    QUBES,
    RHEL9,
    SLES11,
    SLES12,
    XCPNG,
    XEN_CFG,
    XEN_EFI,
    tree,
)
from xcrash.host.boot import how_to_set, read_boot
from xcrash.host.sysroot import LocalRoot
from xcrash.host.values import Boot, BootEntry, OsRelease, RunningKernel

SLES = OsRelease(id="sles", version="12.1")
DEBIAN = OsRelease(id="debian", version="12")
RHEL = OsRelease(id="rhel", version="9.3", id_like=("fedora",))


def read(
    root: LocalRoot,
    os: OsRelease,
    release: str | None,
    cmdline: str | None,
    xen: str | None = None,
    is_xen: bool = True,
) -> Boot:
    return read_boot(root, os, RunningKernel(release=release, cmdline=cmdline), xen, is_xen)


def titles(boot: Boot, current: bool | None = True) -> list[str]:
    return [entry.title for entry in boot.entries if entry.current is current]


def booted(boot: Boot) -> BootEntry:
    (entry,) = [entry for entry in boot.entries if entry.current]
    return entry


def test_sles_11_boots_xen_from_menu_lst_and_parameters_are_changed_on_its_kernel_line(tmp_path: Path) -> None:
    cmdline = "root=/dev/sda2 resume=/dev/sda1 splash=silent showopts vga=0x314"
    boot = read(
        tree(tmp_path, SLES11), OsRelease(id="sles", version="11.4"), "3.0.101-63-xen", cmdline, "dom0_mem=4096M"
    )
    assert (boot.loader, boot.config_path, boot.others) == ("grub-legacy", "/boot/grub/menu.lst", ())
    assert booted(boot).title == "Xen -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63"
    assert (booted(boot).hypervisor, booted(boot).kernel) == ("/boot/xen.gz", "/boot/vmlinuz-3.0.101-63-xen")
    assert titles(boot, None) == []
    assert boot.evidence == (
        "told by comparison: it names the running kernel and the hypervisor's options and the Dom0 kernel's "
        "are those running"
    )
    assert (boot.edit_path, boot.apply_command) == ("/boot/grub/menu.lst", None)
    assert boot.edit_hint == "line 12: kernel /boot/xen.gz dom0_mem=4096M"
    assert how_to_set(boot, SLES, "dom0_max_vcpus=4") == (
        "dom0_max_vcpus is an option of the Xen hypervisor, not of the Dom0 kernel.",
        "Edit /boot/grub/menu.lst: add dom0_max_vcpus=4 on line 12: kernel /boot/xen.gz dom0_mem=4096M",
        "Nothing has to be generated.",
        "It takes effect at the next boot.",
    )
    assert "The entry has now: dom0_mem=4096M" in how_to_set(boot, SLES, "dom0_mem")
    assert any("on line 13: module /boot/vmlinuz-3.0.101-63-xen" in line for line in how_to_set(boot, SLES, "sysrq"))


def test_sles_12_has_moved_to_grub_2_and_the_menu_lst_that_was_left_behind_is_not_in_use(tmp_path: Path) -> None:
    cmdline = "root=UUID=1 ro resume=/dev/sda1 splash=silent quiet showopts"
    boot = read(tree(tmp_path, SLES12), SLES, "3.12.49-6-xen", f"placeholder {cmdline}", "placeholder dom0_max_vcpus=8")
    assert (boot.loader, boot.config_path) == ("grub2", "/boot/grub2/grub.cfg")
    assert boot.others == ("/boot/grub/menu.lst (grub-legacy)",)
    assert booted(boot).title == "SLES 12-SP1, with Xen hypervisor"
    assert booted(boot).default
    assert (booted(boot).hypervisor, booted(boot).kernel) == ("/boot/xen-4.5.1_10-1.gz", "/boot/vmlinuz-3.12.49-6-xen")
    assert titles(boot, None) == ["SLES 12-SP1, with Xen 4 and Linux 3.12.49-6-xen"]
    assert (boot.evidence or "").startswith("two entries fit (")
    assert (boot.evidence or "").endswith("LOADER_TYPE=grub2 in /etc/sysconfig/bootloader")
    assert (boot.edit_path, boot.apply_command) == ("/etc/default/grub", "grub2-mkconfig -o /boot/grub2/grub.cfg")
    assert boot.edit_hint == 'GRUB_CMDLINE_XEN_DEFAULT= (line 6, now "dom0_max_vcpus=8")'
    assert boot.settings["GRUB_CMDLINE_XEN_DEFAULT"] == "dom0_max_vcpus=8"
    assert how_to_set(boot, SLES, "dom0_max_vcpus") == (
        "dom0_max_vcpus is an option of the Xen hypervisor, not of the Dom0 kernel.",
        "The entry has now: dom0_max_vcpus=8",
        "Edit /etc/default/grub: put dom0_max_vcpus=VALUE inside the quotes of "
        'GRUB_CMDLINE_XEN_DEFAULT= (line 6, now "dom0_max_vcpus=8")',
        "GRUB_CMDLINE_XEN goes into every entry, GRUB_CMDLINE_XEN_DEFAULT not into recovery entries.",
        "Then run: grub2-mkconfig -o /boot/grub2/grub.cfg",
        "It takes effect at the next boot.",
    )
    assert "GRUB_CMDLINE_LINUX_DEFAULT= (line 4" in "\n".join(how_to_set(boot, SLES, "sysrq_always_enabled"))


def test_a_replacing_variable_is_where_the_dom0_kernels_options_are_changed(tmp_path: Path) -> None:
    more = SLES12["/etc/default/grub"] + 'GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT="console=hvc0"\n'
    boot = read(tree(tmp_path, {**SLES12, "/etc/default/grub": more}), SLES, "3.12.49-6-xen", None)
    assert boot.kernel_hint == 'GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT= (line 7, now "console=hvc0")'


def test_debian_finds_a_separate_boot_the_hand_chosen_kernel_and_its_own_file_for_xen(tmp_path: Path) -> None:
    xen = "placeholder no-real-mode dom0_mem=2G,max:2G edd=off"
    boot = read(tree(tmp_path, DEBIAN12), DEBIAN, "6.1.0-17-amd64", "placeholder root=/dev/sda2 ro quiet", xen)
    assert booted(boot).title == "Debian GNU/Linux, with Xen 4 and Linux 6.1.0-17-amd64"
    assert booted(boot).hypervisor == "/boot/xen-4.17-amd64.gz"
    assert (booted(boot).kernel, booted(boot).initrd) == (
        "/boot/vmlinuz-6.1.0-17-amd64",
        "/boot/initrd.img-6.1.0-17-amd64",
    )
    assert (boot.edit_path, boot.apply_command) == ("/etc/default/grub.d/xen.cfg", "update-grub")
    assert boot.edit_hint == 'GRUB_CMDLINE_XEN= (line 4, now " dom0_mem=2G,max:2G")'
    assert boot.kernel_hint == '/etc/default/grub: GRUB_CMDLINE_LINUX_DEFAULT= (line 3, now "quiet")'
    assert how_to_set(boot, DEBIAN, "quiet")[2] == (
        'Edit /etc/default/grub: put quiet=VALUE inside the quotes of GRUB_CMDLINE_LINUX_DEFAULT= (line 3, now "quiet")'
    )


def test_a_recovery_entry_is_told_from_its_normal_twin_by_the_hypervisors_options(tmp_path: Path) -> None:
    boot = read(
        tree(tmp_path, DEBIAN12), DEBIAN, "6.1.0-18-amd64", "placeholder root=/dev/sda2 ro single", "placeholder"
    )
    assert booted(boot).title == "Debian GNU/Linux, with Xen 4 and Linux 6.1.0-18-amd64 (recovery mode)"


def test_options_that_no_entry_has_leave_the_booted_entry_open_and_say_why(tmp_path: Path) -> None:
    boot = read(tree(tmp_path, DEBIAN12), DEBIAN, "6.1.0-18-amd64", "placeholder root=/dev/sda9 ro", "dom0_mem=1G")
    assert titles(boot) == []
    assert len(titles(boot, None)) == 3
    assert "3 entries" not in (boot.evidence or "")
    assert (boot.evidence or "").startswith("three entries name the running kernel (")
    assert (boot.evidence or "").endswith("the options were changed at the boot menu, or the file was written since")


def test_the_only_entry_with_the_running_kernel_is_taken_although_its_options_differ(tmp_path: Path) -> None:
    boot = read(tree(tmp_path, SLES11), SLES, "3.0.101-63-xen", "root=/dev/sda2 single", "dom0_mem=4096M")
    assert booted(boot).hypervisor == "/boot/xen.gz"
    assert "the only entry that names the running kernel, though the options were changed" in (boot.evidence or "")
    assert "running but not in it: single" in (boot.evidence or "")


def test_without_xen_running_only_plain_entries_can_have_been_booted(tmp_path: Path) -> None:
    cmdline = "BOOT_IMAGE=/vmlinuz-6.1.0-18-amd64 root=/dev/sda2 ro quiet"
    boot = read(tree(tmp_path, DEBIAN12), DEBIAN, "6.1.0-18-amd64", cmdline, is_xen=False)
    assert titles(boot) == ["Debian GNU/Linux"]
    assert boot.edit_hint == 'GRUB_CMDLINE_LINUX_DEFAULT= (line 3, now "quiet")'
    assert how_to_set(boot, DEBIAN, "dom0_mem")[0] == (
        "dom0_mem is an option of the Xen hypervisor, but no entry here starts one."
    )


def test_boot_image_chooses_where_the_release_does_not(tmp_path: Path) -> None:
    text = "".join(f"menuentry {name} {{\nlinux /boot/{name} ro\n}}\n" for name in ("one", "two"))
    boot = read(
        tree(tmp_path, {"/boot/grub/grub.cfg": text}), DEBIAN, None, "BOOT_IMAGE=(hd0,gpt2)/boot/two ro", is_xen=False
    )
    assert titles(boot) == ["two"]


def test_red_hat_enterprise_linux_9_boots_entry_files_and_grubby_changes_them(tmp_path: Path) -> None:
    release = "5.14.0-362.8.1.el9_3.x86_64"
    cmdline = f"BOOT_IMAGE=(hd0,gpt2)/vmlinuz-{release} root=/dev/mapper/rhel-root ro crashkernel=1G-4G:192M rhgb quiet"
    boot = read(tree(tmp_path, RHEL9), RHEL, release, cmdline, is_xen=False)
    assert (boot.loader, boot.config_path, len(boot.entries), boot.others) == ("bls", "/boot/loader/entries", 2, ())
    assert titles(boot) == [f"Red Hat Enterprise Linux ({release}) 9.3 (Plow)"]
    assert (booted(boot).kernel, booted(boot).default) == (f"/boot/vmlinuz-{release}", True)
    assert booted(boot).initrd == f"/boot/initramfs-{release}.img"
    assert booted(boot).config_path and booted(boot).config_path != boot.config_path
    assert boot.apply_command == "grubby --update-kernel=ALL --args=KEY=VALUE"
    assert how_to_set(boot, RHEL, "crashkernel=512M")[1:] == (
        "Edit /etc/default/grub: put crashkernel=512M inside the quotes of GRUB_CMDLINE_LINUX= "
        '(line 1, now "crashkernel=1G-4G:192M rhgb quiet")',
        "Then run: grubby --update-kernel=ALL --args=crashkernel=512M",
        "It takes effect at the next boot.",
    )


def test_a_fedora_dom0_has_entry_files_too_but_xen_came_from_grub_cfg(tmp_path: Path) -> None:
    files = {**QUBES, **{path: text for path, text in RHEL9.items() if "/loader/" in path}}
    xen = "placeholder console=none dom0_mem=min:1024M dom0_mem=max:4096M ucode=scan smt=off gnttab_max_frames=2048"
    cmdline = "placeholder root=/dev/mapper/qubes_dom0-root ro rd.luks.uuid=luks-f1f8 rhgb quiet"
    boot = read(tree(tmp_path, files), OsRelease(id="fedora"), "6.6.48-1.qubes.fc37.x86_64", cmdline, xen)
    assert (boot.loader, boot.others) == ("grub2", ("/boot/loader/entries (bls)",))


def test_qubes_is_changed_like_the_fedora_it_is(tmp_path: Path) -> None:
    qubes = OsRelease(id="qubes", version="4.2")
    boot = read(tree(tmp_path, QUBES), qubes, "6.6.48-1.qubes.fc37.x86_64", None)
    assert (boot.loader, boot.edit_path) == ("grub2", "/etc/default/grub")
    assert boot.edit_hint == (
        'GRUB_CMDLINE_XEN_DEFAULT= (line 3, now "console=none dom0_mem=min:1024M dom0_mem=max:4096M smt=off")'
    )
    assert boot.apply_command == "grub2-mkconfig -o /boot/grub2/grub.cfg"


def test_xcp_ng_is_changed_by_its_own_command_and_not_by_hand(tmp_path: Path) -> None:
    os = OsRelease(id="xenenterprise", version="8.2.1", id_like=("centos", "rhel", "fedora"))
    xen = "dom0_mem=7584M,max:7584M watchdog ucode=scan dom0_max_vcpus=1-16 console=vga vga=mode-0x0311"
    cmdline = "root=LABEL=root-jnugiq ro nolvm hpet=disable console=hvc0 console=tty0 quiet vga=785"
    boot = read(tree(tmp_path, XCPNG), os, "4.19.0+1", cmdline, xen)
    assert titles(boot) == ["XCP-ng"]
    assert (boot.edit_path, boot.edit_hint) == (None, None)
    assert boot.apply_command == "/opt/xensource/libexec/xen-cmdline --set-xen KEY=VALUE"
    assert how_to_set(boot, os, "dom0_max_vcpus=4") == (
        "dom0_max_vcpus is an option of the Xen hypervisor, not of the Dom0 kernel.",
        "The entry has now: dom0_max_vcpus=1-16",
        "Run: /opt/xensource/libexec/xen-cmdline --set-xen dom0_max_vcpus=4",
        "Do not edit grub.cfg by hand: updates write it anew.",
        "It takes effect at the next boot.",
    )
    assert "Run: /opt/xensource/libexec/xen-cmdline --set-dom0 hpet=VALUE" in how_to_set(boot, os, "hpet")


def test_xen_started_by_the_firmware_is_configured_beside_its_binary(tmp_path: Path) -> None:
    cmdline = "root=/dev/mapper/qubes_dom0-root rhgb quiet"
    boot = read(
        tree(tmp_path, XEN_EFI), OsRelease(id="qubes"), "4.19.155-1.pvops.qubes.x86_64", cmdline,
        "loglvl=all dom0_mem=min:1024M",
    )  # fmt: skip
    assert (boot.loader, boot.config_path) == ("xen.cfg", "/boot/efi/EFI/qubes/xen.cfg")
    assert booted(boot).kernel == "/boot/efi/EFI/qubes/vmlinuz-4.19.155-1.pvops.qubes.x86_64"
    assert boot.edit_hint == "line 5: options=loglvl=all dom0_mem=min:1024M"
    lines = how_to_set(boot, OsRelease(id="qubes"), "dom0_max_vcpus")
    assert lines[1].startswith("Edit /boot/efi/EFI/qubes/xen.cfg: add dom0_max_vcpus=VALUE in options=, on line 5")


def test_a_grub_entry_that_chain_loads_xen_efi_gets_its_modules_from_the_asked_section(tmp_path: Path) -> None:
    section = "4.19.94-1.pvops.qubes.x86_64"
    grub = f"menuentry 'Xen' {{\nchainloader /EFI/sles/xen-4.7.efi xen-4.7.efi {section}\n}}\n"
    files = {
        "/boot/grub2/grub.cfg": grub,
        "/boot/efi/EFI/sles/xen-4.7.efi": "",
        "/boot/efi/EFI/sles/xen-4.7.cfg": XEN_CFG,
    }
    boot = read(tree(tmp_path, files), SLES, section, None, "loglvl=all")
    assert boot.loader == "grub2"
    assert (booted(boot).hypervisor, booted(boot).hypervisor_args) == ("/boot/efi/EFI/sles/xen-4.7.efi", "loglvl=all")
    assert booted(boot).kernel == f"/boot/efi/EFI/sles/vmlinuz-{section}"


def test_old_xenserver_boots_from_extlinux(tmp_path: Path) -> None:
    boot = read(tree(tmp_path, EXTLINUX), OsRelease(id="xenserver"), "2.6.32", "root=LABEL=r ro", None)
    assert (boot.loader, titles(boot)) == ("extlinux", ["xe"])
    assert (boot.edit_path, boot.apply_command) == ("/boot/extlinux.conf", None)
    assert (boot.edit_hint or "").startswith("line 10: append /boot/xen.gz dom0_mem=752M")
    assert "add dom0_mem=VALUE before the first ---, on line 10" in "\n".join(
        how_to_set(boot, OsRelease(id="xenserver"), "dom0_mem")
    )


def test_systemd_boot_offers_entry_files_and_unified_kernels(tmp_path: Path) -> None:
    files = {
        "/efi/loader/loader.conf": "default debian-*\n",
        "/efi/loader/entries/debian-6.1.0.conf": "title Debian\nlinux /debian/6.1.0/linux\noptions root=/dev/sda2 ro\n",
        "/efi/debian/6.1.0/linux": "",
        "/efi/loader/entries/xen.conf": "title Xen\nefi /EFI/xen/xen.efi\n",
        "/efi/EFI/xen/xen.efi": "",
        "/efi/EFI/xen/xen.cfg": "[global]\ndefault=x\n[x]\noptions=dom0_mem=2G\nkernel=vmlinuz-6.1.0 ro\n",
        "/efi/EFI/Linux/arch-6.7.efi": "MZ",
    }
    boot = read(tree(tmp_path, files), DEBIAN, "6.1.0", r"initrd=\debian\initrd root=/dev/sda2 ro", is_xen=False)
    assert (boot.loader, boot.config_path) == ("systemd-boot", "/efi/loader/loader.conf")
    assert [entry.title for entry in boot.entries] == ["Xen", "Debian", "arch-6.7"]
    assert (titles(boot), booted(boot).default, booted(boot).kernel) == (["Debian"], True, "/efi/debian/6.1.0/linux")
    assert (boot.edit_path, boot.edit_hint) == (booted(boot).config_path, "line 3: options root=/dev/sda2 ro")
    xen = boot.entries[0]
    assert (xen.hypervisor_args, xen.kernel, xen.config_path) == (
        "dom0_mem=2G", "/efi/EFI/xen/vmlinuz-6.1.0", "/efi/EFI/xen/xen.cfg",
    )  # fmt: skip


def test_in_a_report_without_kernels_fstab_and_subvolumes_decide_over_paths(tmp_path: Path) -> None:
    snapshot = "/@/.snapshots/1/snapshot/boot/vmlinuz-6.1"
    text = f"menuentry a {{\nlinux /vmlinuz-6.1 ro\n}}\nmenuentry b {{\nlinux {snapshot} ro\n}}\n"
    files = {"/boot/grub2/grub.cfg": text, "/etc/fstab": "UUID=1 / ext4 defaults\n#x /boot x\nUUID=2\t/boot ext4 ro\n"}
    boot = read(tree(tmp_path, files, kind="sosreport"), RHEL, None, None, is_xen=False)
    assert [entry.kernel for entry in boot.entries] == ["/boot/vmlinuz-6.1", "/boot/vmlinuz-6.1"]
    assert titles(boot) == []
    assert boot.evidence == 'nothing says which entry was booted; "a" boots by default'


def test_a_supportconfig_has_lost_its_line_numbers(tmp_path: Path) -> None:
    boot = read(tree(tmp_path, SLES11, kind="supportconfig"), SLES, "3.0.101-63-xen", None)
    assert {entry.line for entry in boot.entries} == {None}
    assert boot.edit_hint == (
        'the line of "Xen -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63": /boot/xen.gz dom0_mem=4096M'
    )
    boot = read(tree(tmp_path / "12", SLES12, kind="supportconfig"), SLES, "3.12.49-6-xen", None)
    assert boot.edit_hint == 'GRUB_CMDLINE_XEN_DEFAULT= (now "dom0_max_vcpus=8")'


def test_a_link_to_the_same_menu_is_not_another_boot_loader(tmp_path: Path) -> None:
    files = {
        "/boot/grub/grub.conf": MENU_LST,
        "/boot/grub/menu.lst": "-> ./grub.conf",
        "/etc/grub.conf": "-> ../boot/grub/grub.conf",
    }
    boot = read(tree(tmp_path, files), OsRelease(id="centos", version="5"), None, None)
    assert (boot.config_path, boot.others) == ("/boot/grub/grub.conf", ())


def test_no_configuration_is_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    boot = read(tree(tmp_path, {}), SLES, "1.2.3", "ro")
    assert boot == Boot(evidence="no boot loader configuration was found")
    assert how_to_set(boot, SLES, "dom0_mem")[-1] == (
        "No boot loader configuration was found: where it is changed cannot be told."
    )


def test_a_path_out_of_the_root_stays_in_the_root(tmp_path: Path) -> None:
    text = "menuentry a {\nlinux /../../../../etc/passwd ro\n}\n"
    boot = read(tree(tmp_path / "root", {"/boot/grub/grub.cfg": text}), DEBIAN, None, "ro", is_xen=False)
    assert boot.entries[0].kernel == "/etc/passwd"


@pytest.mark.parametrize("is_xen", [True, False])
@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=200), parameter=st.text(max_size=20))
def test_any_text_in_any_place_is_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, is_xen: bool, text: str, parameter: str
) -> None:
    text = text.encode("utf-8", "replace").decode()
    grub = f"menuentry '{text}' {{\nmultiboot2 {text}\nmodule2 {text}\nlinux {text}\n}}\n"
    files = {
        "/boot/grub2/grub.cfg": " " + grub,
        "/boot/grub/menu.lst": f" title {text}\nkernel {text}\n",
        "/boot/loader/entries/a.conf": " " + text,
        "/boot/efi/EFI/x/xen.cfg": f" [a]\nkernel={text}\n",
        "/etc/default/grub": f" GRUB_CMDLINE_XEN={text}\n",
        "/etc/fstab": " " + text,
    }
    root = tree(tmp_path_factory.mktemp("root"), files)
    boot = read(root, OsRelease(id=text), text, text, text, is_xen)
    assert boot.loader is not None
    how_to_set(boot, OsRelease(id=text), parameter)


class _Booted(LocalRoot):
    """A root that knows what the firmware started, as a report that holds ``efibootmgr -v`` does."""

    started = ""

    def command(self, *argv: str) -> str | None:
        if argv != ("efibootmgr", "-v"):
            return None
        return f"BootCurrent: 0002\nBoot0002* x\tHD(1,GPT,1a2b,0x800,0x100000)/File({self.started})\n"


@pytest.mark.parametrize(
    ("started", "loader"),
    [
        ("\\EFI\\systemd\\systemd-bootx64.efi", "systemd-boot"),
        ("\\EFI\\debian\\shimx64.efi", "grub2"),
        ("\\EFI\\unknown\\x.efi", "grub2"),
    ],
)
def test_where_two_loaders_could_have_booted_this_the_firmware_says_which_did(
    tmp_path: Path, started: str, loader: str
) -> None:
    files = {
        "/boot/grub/grub.cfg": "menuentry 'Debian' {\nlinux /boot/vmlinuz-6.1.0 ro\n}\n",
        "/efi/loader/loader.conf": "",
        "/efi/loader/entries/a.conf": "title Debian\nlinux /vmlinuz-6.1.0\noptions ro\n",
    }
    root = _Booted(tree(tmp_path, files).where, "sosreport")
    root.started = started
    boot = read(root, DEBIAN, "6.1.0", "ro", is_xen=False)
    assert (boot.loader, len(boot.others), titles(boot)) == (loader, 1, ["Debian"])
    assert (f"the firmware started {started}" in (boot.evidence or "")) == ("unknown" not in started)


def test_two_hypervisors_with_the_same_options_both_fit(tmp_path: Path) -> None:
    entry = "menuentry 'Xen {0}' {{\nmultiboot2 /xen-{0}.gz placeholder a\nmodule2 /vmlinuz-6.1.0 placeholder ro\n}}\n"
    text = "menuentry plain {\nlinux /vmlinuz-6.1.0 ro\n}\n" + entry.format("4.17") + entry.format("4.16")
    boot = read(tree(tmp_path, {"/boot/grub/grub.cfg": text}), DEBIAN, "6.1.0", "placeholder ro", "placeholder a")
    assert (titles(boot), titles(boot, None), titles(boot, False)) == ([], ["Xen 4.17", "Xen 4.16"], ["plain"])
    assert boot.evidence == (
        'two entries fit ("Xen 4.17", "Xen 4.16"): of each, it names the running kernel and the hypervisor\'s options '
        'and the Dom0 kernel\'s are those running; "plain" boots by default'
    )
