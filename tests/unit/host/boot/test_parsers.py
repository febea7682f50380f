# SPDX-License-Identifier: Apache-2.0
"""Each boot loader's configuration, as text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.host.boot.fixtures import MENU_LST, XEN_CFG, generated
from xcrash.host.boot import bls, systemd_boot, xen_cfg
from xcrash.host.boot.elilo import parse_elilo
from xcrash.host.boot.extlinux import parse_extlinux
from xcrash.host.boot.firmware import parse_efibootmgr
from xcrash.host.boot.grub2 import DEEPEST, parse_grub_cfg
from xcrash.host.boot.grub_default import Setting, parse_grub_default
from xcrash.host.boot.grub_legacy import parse_menu_lst
from xcrash.host.boot.grubenv import parse_grubenv
from xcrash.host.boot.menu import MOST_ENTRIES, words_of
from xcrash.host.boot.shell_words import MOST_EXPANDED, commands
from xcrash.host.values import BootEntry


def grub(text: str, **env: str) -> tuple[BootEntry, ...]:
    return parse_grub_cfg(text, "/boot/grub2/grub.cfg", env).entries


def legacy(text: str) -> tuple[BootEntry, ...]:
    return parse_menu_lst(text, "/boot/grub/menu.lst").entries


def test_in_menu_lst_the_kernel_is_xen_and_the_modules_are_the_dom0_kernel_and_its_initrd() -> None:
    xen, plain, floppy = legacy(MENU_LST)
    assert xen == BootEntry(
        title="Xen -- SUSE Linux Enterprise Server 11 SP4 - 3.0.101-63",
        hypervisor="/boot/xen.gz",
        hypervisor_args="dom0_mem=4096M",
        kernel="/boot/vmlinuz-3.0.101-63-xen",
        kernel_args="root=/dev/sda2 resume=/dev/sda1 splash=silent showopts vga=0x314",
        initrd="/boot/initrd-3.0.101-63-xen",
        default=True,
        config_path="/boot/grub/menu.lst",
        line=10,
        hypervisor_line=12,
        kernel_line=13,
    )
    assert (plain.hypervisor, plain.kernel) == (None, "/boot/vmlinuz-3.0.101-63-default")
    assert (plain.initrd, plain.default) == ("/boot/initrd-3.0.101-63-default", False)
    assert (floppy.title, floppy.kernel) == ("floppy", None)


def test_menu_lst_takes_tabs_equals_signs_continued_lines_and_crlf() -> None:
    (entry,) = legacy(
        "default=0\r\ntitle\tCentOS (2.6.18)\r\n\tkernel --type=multiboot /xen.gz-2.6.18 \\\r\n\tdom0_mem=1G\r\n"
        "\tmodule (hd0,0)/vmlinuz-2.6.18xen ro\r\n"
    )
    assert (entry.title, entry.hypervisor, entry.hypervisor_args) == (
        "CentOS (2.6.18)",
        "/xen.gz-2.6.18",
        "dom0_mem=1G",
    )
    assert (entry.hypervisor_line, entry.kernel, entry.kernel_args) == (3, "(hd0,0)/vmlinuz-2.6.18xen", "ro")


def test_default_saved_of_grub_legacy_names_no_entry() -> None:
    assert legacy("default saved\ntitle a\nkernel /vmlinuz\n")[0].default is None


def test_submenus_ids_and_lines_of_a_generated_grub_cfg() -> None:
    text = generated(
        os="Debian", xen="/boot/xen-4.17.gz", xen_args="dom0_mem=2G", kernel="/boot/vmlinuz-",
        kernels={"6.1.0-18": "/boot/initrd.img-6.1.0-18"}, args="root=/dev/sda2 ro quiet", default="0",
    )  # fmt: skip
    plain, simple, advanced, recovery = grub(text)
    assert (plain.hypervisor, plain.kernel, plain.kernel_args) == (
        None,
        "/boot/vmlinuz-6.1.0-18",
        "root=/dev/sda2 ro quiet",
    )
    assert (simple.title, simple.submenu, simple.id) == (
        "Debian, with Xen hypervisor",
        (),
        "xen-gnulinux-simple-7c1c7f0e-0a3b",
    )
    assert advanced.submenu == ("Advanced options for Debian (with Xen hypervisor)", "Xen hypervisor, version 4")
    assert advanced.hypervisor_args == "dom0_mem=2G ${xen_rm_opts}"
    assert (advanced.kernel_args, advanced.initrd) == ("root=/dev/sda2 ro quiet", "/boot/initrd.img-6.1.0-18")
    assert text.split("\n")[(advanced.hypervisor_line or 0) - 1].startswith("\tmultiboot2\t/boot/xen-4.17.gz")
    assert recovery.hypervisor_args == "${xen_rm_opts}"
    assert [entry.default for entry in grub(text)] == [True, False, False, False]


@pytest.mark.parametrize("command", ["multiboot", "multiboot2", "xen_hypervisor"])
def test_the_placeholder_is_no_option_whichever_command_loads_xen(command: str) -> None:
    module = {"multiboot": "module", "multiboot2": "module2"}.get(command, "xen_module")
    (entry,) = grub(
        f"menuentry x {{\n{command} /xen placeholder a=1\n"
        f"{module} /linux placeholder ro\n{module} --nounzip /initrd\n}}"
    )
    assert (entry.hypervisor, entry.hypervisor_args, entry.kernel) == ("/xen", "a=1", "/linux")
    assert (entry.kernel_args, entry.initrd) == ("ro", "/initrd")


def test_a_hand_written_entry_needs_no_dummy_and_its_first_option_is_kept() -> None:
    (entry,) = grub("menuentry x {\nmultiboot2 /boot/xen.gz watchdog\nmodule2 /boot/vmlinuz /boot/vmlinuz ro\n}")
    assert (entry.hypervisor_args, entry.kernel_args, entry.initrd) == ("watchdog", "ro", None)


def test_behind_tboot_the_first_module_is_the_hypervisor() -> None:
    (entry,) = grub(
        "menuentry 'Qubes with tboot' {\nmultiboot /tboot.gz placeholder logging=memory\n"
        "module /xen-4.8.4.gz placeholder smt=off ${xen_rm_opts}\nmodule /vmlinuz-4.14 placeholder ro\nmodule /i.img\n"
        "module /SINIT.BIN\n}"
    )
    assert (entry.hypervisor, entry.kernel, entry.initrd) == ("/xen-4.8.4.gz", "/vmlinuz-4.14", "/i.img")
    assert entry.hypervisor_args == "smt=off ${xen_rm_opts}"


def test_a_multiboot_program_that_is_not_xen_is_no_hypervisor() -> None:
    assert grub("menuentry memtest {\nmultiboot /memtest.elf\n}")[0].hypervisor is None


@pytest.mark.parametrize("command", ["linux", "linux16", "linuxefi", "linux$linux_suffix"])
def test_the_commands_that_load_a_plain_kernel(command: str) -> None:
    initrd = command.replace("linux$", "initrd$").replace("linux", "initrd", 1)
    (entry,) = grub(f"menuentry x {{\n{command} /vmlinuz ro quiet\n{initrd} /ucode.img /i.img $tuned_initrd\n}}")
    assert (entry.kernel, entry.kernel_args) == ("/vmlinuz", "ro quiet")
    assert entry.initrd == "/ucode.img /i.img"


def test_quotes_in_titles_braces_in_values_and_comments_do_not_confuse_the_nesting() -> None:
    entries = grub(
        "menuentry 'It'\\''s } here' --class x --id=\"a b\" { # } no end\n"
        'linux /vmlinuz "dyndbg=file a.c +p" x=${y} # comment\n}\n'
        'if [ "$a" = "}" ]; then menuentry "in \\"if\\"" { linux /two\n} fi\n'
    )
    assert [(entry.title, entry.id, entry.line) for entry in entries] == [
        ("It's } here", "a b", 1),
        ('in "if"', None, 4),
    ]
    assert entries[0].kernel_args == '"dyndbg=file a.c +p" x=${y}'
    assert entries[1].kernel == "/two"


@pytest.mark.parametrize(
    ("default", "env", "title"),
    [
        ("1", {}, "Xen"),
        ("2>1", {}, "B"),
        ("2", {}, "A"),
        ("sub>b-id", {}, "B"),
        ("Xen", {}, "Xen"),
        ("More > less>B", {}, "Plain"),
        ("More >> less>B", {}, "B"),
        ("${saved_entry}", {"saved_entry": "sub>b-id"}, "B"),
        ("${saved_entry}", {}, "Plain"),
        ("no such entry", {}, "Plain"),
        ("9", {}, "Plain"),
        ("${other}", {}, None),
    ],
)
def test_the_default_is_a_number_an_id_or_a_title_per_level(default: str, env: dict[str, str], title: str) -> None:
    entries = grub(
        f'set default="{default}"\nmenuentry Plain {{\nlinux /a\n}}\nmenuentry Xen {{\nlinux /b\n}}\n'
        "submenu 'More > less' $menuentry_id_option 'sub' {\nmenuentry A {\nlinux /c\n}\n"
        "menuentry B --id b-id {\nlinux /d\n}\n}\n",
        **env,
    )
    assert [entry.title for entry in entries if entry.default] == ([title] if title else [])


def test_entries_and_nesting_are_bounded() -> None:
    assert len(grub("menuentry a {\nlinux /b\n}\n" * (MOST_ENTRIES + 5))) == MOST_ENTRIES
    assert len(legacy("title a\n" * (MOST_ENTRIES + 5))) == MOST_ENTRIES
    deep = "submenu a {\n" * (DEEPEST * 3)
    assert (
        grub(deep + "menuentry b {\nlinux /c\n}\n" + "}" * DEEPEST * 3 + "\nmenuentry d {\nlinux /e\n}")[-1].submenu
        == ()
    )


def test_shell_words_follow_quotes_escapes_and_continued_lines() -> None:
    found = list(commands('a \'b c\'"d \\"e\\" \\x"f \\\n  g\\ h;i # j\nk#l "m\nn"\n'))
    assert [(command.words, command.line) for command in found] == [
        (["a", 'b cd "e" \\xf', "g h"], 1),
        (["i"], 2),
        (["k#l", "m\nn"], 3),
    ]


def test_an_open_quote_takes_the_rest_and_ends() -> None:
    assert [command.words for command in commands("a 'b c\nd")] == [["a", "b c\nd"]]
    assert [command.words for command in commands('a "b c\nd\\')] == [["a", "b c\nd\\"]]


def test_a_boot_loader_specification_entry_gets_its_options_from_the_environment_block() -> None:
    entry = bls.parse_bls_entry(
        "title Fedora\nversion 6.5.6\nlinux\t/vmlinuz-6.5.6\ninitrd /i.img\noptions $kernelopts $tuned_params debug\n",
        "/boot/loader/entries/abc-6.5.6.conf",
        {"kernelopts": "root=/dev/sda ro"},
    )
    assert (entry.title, entry.id, entry.kernel, entry.initrd) == ("Fedora", "abc-6.5.6", "/vmlinuz-6.5.6", "/i.img")
    assert (entry.kernel_args, entry.kernel_line) == ("root=/dev/sda ro $tuned_params debug", 5)


def test_an_entry_whose_efi_program_is_xen_starts_a_hypervisor() -> None:
    entry = bls.parse_bls_entry(
        "title Xen\nefi /EFI/xen/xen.efi\noptions -cfg=a.cfg\n", "/efi/loader/entries/x.conf", {}
    )
    assert (entry.hypervisor, entry.hypervisor_args, entry.kernel) == ("/EFI/xen/xen.efi", "-cfg=a.cfg", None)


def test_entry_files_sort_by_version_not_by_letters() -> None:
    names = ["m-5.9.0", "m-5.14.0-70", "m-5.14.0-362.8", "m-6.0~rc1", "m-6.0", "m-0-rescue"]
    entries = [BootEntry(title=name, id=name) for name in names]
    assert [entry.id for entry in bls.newest_first(entries)] == [
        "m-6.0", "m-6.0~rc1", "m-5.14.0-362.8", "m-5.14.0-70", "m-5.9.0", "m-0-rescue",
    ]  # fmt: skip
    assert [entry.id for entry in bls.with_default(entries, "m-6.0.conf") if entry.default] == ["m-6.0"]
    assert [entry.id for entry in bls.with_default(entries, "1") if entry.default] == ["m-5.14.0-70"]


def test_the_default_of_systemd_boot_is_a_pattern_over_ids() -> None:
    entries = [BootEntry(title=name, id=name) for name in ("arch-6.1", "debian-6.1", "fallback")]

    def chosen(text: str) -> list[str | None]:
        default = systemd_boot.parse_loader_conf(text)
        return [entry.id for entry in systemd_boot.with_default(entries, default) if entry.default]

    assert chosen("timeout 3\ndefault debian-*\n") == ["debian-6.1"]
    assert chosen("default fallback.conf\n") == ["fallback"]
    assert chosen("timeout 3\n") == ["arch-6.1"]
    assert chosen("default @saved\n") == []


def test_a_xen_binary_looks_for_its_configuration_under_shorter_and_shorter_names() -> None:
    assert list(xen_cfg.configuration_names("xen-4.17-rc.efi")) == [
        "xen-4.17-rc.cfg", "xen-4.17.cfg", "xen-4.cfg", "xen.cfg",
    ]  # fmt: skip


def test_a_xen_binary_of_an_impossible_name_looks_for_none() -> None:
    assert list(xen_cfg.configuration_names("-" * 1_000_000 + ".efi")) == []
    assert len(list(xen_cfg.configuration_names("-" * 251 + ".efi"))) == 251


def test_sections_of_xen_cfg_are_entries_and_global_fills_their_gaps() -> None:
    menu = xen_cfg.parse_xen_cfg(XEN_CFG, "/efi/EFI/q/xen.cfg", "/efi/EFI/q/xen.efi")
    new, old = menu.entries
    assert (new.hypervisor, new.hypervisor_args) == ("/efi/EFI/q/xen.efi", "loglvl=all dom0_mem=min:1024M")
    assert new.kernel == "/efi/EFI/q/vmlinuz-4.19.155-1.pvops.qubes.x86_64"
    assert (new.default, old.default, new.line, new.hypervisor_line, new.kernel_line) == (True, False, 4, 5, 6)
    (entry,) = xen_cfg.parse_xen_cfg("[global]\noptions=a\n[x]\n#options=b\nkernel=k ro\n", "/x.cfg", "/x.efi").entries
    assert (entry.hypervisor_args, entry.hypervisor_line, entry.initrd, entry.default) == ("a", 2, None, None)


def test_mboot_c32_splits_append_at_three_dashes() -> None:
    menu = parse_extlinux(
        "DEFAULT xe\nLABEL xe\n KERNEL mboot.c32\n APPEND /xen.gz mem=1G --- /vmlinuz ro --- /i.img\n"
        "LABEL l\n MENU LABEL Plain ^Linux\n LINUX ../vmlinuz\n INITRD ../i.img\n APPEND ro\n",
        "/boot/extlinux/extlinux.conf",
    )
    xen, plain = menu.entries
    assert (xen.hypervisor, xen.hypervisor_args, xen.kernel, xen.kernel_args) == ("/xen.gz", "mem=1G", "/vmlinuz", "ro")
    assert (xen.initrd, xen.hypervisor_line, xen.default, plain.default) == ("/i.img", 4, True, False)
    assert (plain.title, plain.kernel, plain.kernel_args, plain.initrd) == (
        "Plain Linux",
        "../vmlinuz",
        "ro",
        "../i.img",
    )


def test_elilo_splits_append_at_two_dashes() -> None:
    menu = parse_elilo(
        "default=xen\nroot=/dev/sda2\nimage=vmlinuz-2.6.18xen\n"
        '\tvmm=xen.gz\n\tlabel=xen\n\tappend="dom0_mem=1G -- rhgb --x"\n'
        "image = vmlinuz\n label = linux # plain\n",
        "/etc/elilo.conf",
    )
    xen, plain = menu.entries
    assert (xen.hypervisor, xen.hypervisor_args, xen.hypervisor_line) == ("xen.gz", "dom0_mem=1G", 6)
    assert (xen.kernel, xen.kernel_args, xen.default) == ("vmlinuz-2.6.18xen", "root=/dev/sda2 rhgb --x", True)
    assert (plain.title, plain.hypervisor, plain.kernel_args) == ("linux", None, "root=/dev/sda2")


def test_shell_variables_of_etc_default_grub_are_read_without_running_them() -> None:
    found = parse_grub_default(
        '# c\nA=\'one $B\'\nB=two\nA+=" three"\nexport C="$A ${B}x $Z"\nD=`date +%s`\nE=$(id -u)\n'
        "if true; then\n  B=never\nfi\nF=1 command\necho G=1\n",
        "/etc/default/grub",
        {},
    )
    assert found == {
        "A": Setting("one $B three", "/etc/default/grub", 4),
        "B": Setting("two", "/etc/default/grub", 3),
        "C": Setting("one $B three twox $Z", "/etc/default/grub", 5),
        "D": Setting("`date +%s`", "/etc/default/grub", 6),
        "E": Setting("$(id -u)", "/etc/default/grub", 7),
    }


def test_a_value_that_doubles_itself_stays_small() -> None:
    found = parse_grub_default("A=xxxxxxxx\n" + 'A="$A$A"\n' * 64, "/etc/default/grub", {})
    assert len(found["A"].value) <= MOST_EXPANDED


def test_the_environment_block_quotes_with_backslashes() -> None:
    assert parse_grubenv("# GRUB Environment Block\nsaved_entry=a\\\\b\n=x\n####") == {"saved_entry": "a\\b"}


def test_efibootmgr_names_the_file_that_the_firmware_started() -> None:
    text = (
        "BootCurrent: 0001\nBootOrder: 0001,0000\nBoot0000* UiApp\tFvVol(7cb8)\n"
        "Boot0001* debian\tHD(1,GPT,1a2b,0x800,0x100000)/File(\\EFI\\debian\\shimx64.efi)\n"
    )
    assert parse_efibootmgr(text) == "\\EFI\\debian\\shimx64.efi"
    assert parse_efibootmgr("EFI variables are not supported on this system.\n") is None


def test_blanks_in_double_quotes_do_not_split_a_word() -> None:
    assert words_of('a "b c" d="e f"g "h') == ["a", "b c", "d=e fg", "h"]


_PIECES = st.sampled_from(
    ["menuentry ", "submenu ", "{", "}", "'", '"', "\\", "\n", "$", "${", "`", "$(", "#", "set default=", "title ",
     "kernel ", "module ", "multiboot2 /xen ", "[global]", "[", "]", "=", "label a\n", "append ", "---", "image=", " ",
     ">", "--id ", "1", "linux /v", "chainloader /xen.efi ", "\x00", "\ufffd", "+=", "if", "fi", "~", "\r", "default "]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=80).map("".join)))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    env = parse_grubenv(text)
    for menu in (
        parse_menu_lst(text, "/a"),
        parse_grub_cfg(text, "/a", {"saved_entry": text}),
        parse_extlinux(text, "/a"),
        parse_elilo(text, "/a"),
        xen_cfg.parse_xen_cfg(text, "/a/x.cfg", "/a/x.efi"),
    ):
        assert all(isinstance(entry.title, str) for entry in menu.entries)
    entry = bls.parse_bls_entry(text, "/a/b.conf", env)
    systemd_boot.with_default([entry], systemd_boot.parse_loader_conf(text))
    bls.with_default(bls.newest_first([entry]), text)
    parse_grub_default(text, "/a", {})
    parse_efibootmgr(text)
    list(xen_cfg.configuration_names(text))


@pytest.mark.parametrize(
    "piece",
    ["'", '"', "\\", '"\\a', "${", "$(", "`", "{", "}", "submenu a {", " ", "a", "$A", ";", "\n", "[a]\n", "title\n",
     "label a\n", "image=a\n", "\\\n", "menuentry a {linux b}", "a=", "-", "\t\r", "1", "*", "~"],
)  # fmt: skip
def test_a_large_file_of_one_piece_is_read(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    parse_menu_lst(text, "/a")
    assert len(parse_grub_cfg(text, "/a", {}).entries) <= MOST_ENTRIES
    parse_extlinux(text, "/a")
    parse_elilo(text, "/a")
    xen_cfg.parse_xen_cfg(text, "/a", "/b")
    parse_grub_default(text, "/a", {})
    bls.parse_bls_entry(text[:65536], "/a", {"A": text})
    words_of(text)
