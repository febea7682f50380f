# SPDX-License-Identifier: Apache-2.0
"""What is planned for each distribution's host, field by field, as the JSON document says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trees import HOSTILE, ORDINARY, REPORTS, Tree
from xcrash.cli.cmd_plan import plan_document
from xcrash.target import Choices, dry_plan, survey

OPTIONS = ["--no_scroll", "--no_crashrc", "-e", "emacs"]


def planned(tree: Tree, monkeypatch: pytest.MonkeyPatch, **choices: Any) -> dict[str, Any]:
    """The body of ``xcrash plan --root TREE --json``, with nothing of the developer's machine in it."""
    monkeypatch.delenv("XCRASH_DEBUG_DIRS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    wanted = Choices(root=str(tree.root), **choices)
    target = survey(wanted)
    return plan_document(target, dry_plan(target, wanted), ())


def rejected(document: dict[str, Any], what: str) -> dict[str, str]:
    """The rejected candidates of one decision, with their reasons."""
    return {
        one["candidate"]: one["reason"]
        for decision in document["decisions"]
        if decision["what"] == what
        for one in decision["rejected"]
    }


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    return {one["source"]: one["verdict"] for one in document["memory"]["candidates"]}


@pytest.fixture(params=sorted(ORDINARY))
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    return ORDINARY[request.param](tmp_path / "root")


def expected_files(tree: Tree) -> list[str]:
    """The files crash is to be given; a compression it cannot read is replaced by the cache's copy."""
    if tree.namelist is None or tree.memory_source is None:
        return []
    namelist = tree.namelist
    if not tree.crash_accepts:
        namelist = f"/cache/xcrash/kernels/{tree.build_id}/{Path(namelist).stem}"
    return [namelist, *([tree.debuginfo] if tree.debuginfo else []), tree.memory_source]


def test_the_command_line(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch)
    files = expected_files(tree)
    flag = ["-f"] if tree.needs_f else []
    assert document["argv"][1:] == ([*OPTIONS, *flag, *files] if files else [])
    assert document["mode"] == "live"


def test_the_namelist_is_the_one_of_the_running_build(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch)
    if tree.namelist is None:
        assert document["namelist"] is None
        assert [step["needs"] for step in document["steps"] if step["needs"] != "consent"]
        return
    assert document["namelist"]["path"] == tree.namelist
    assert document["namelist"]["build_id"] == tree.build_id
    assert (document["debuginfo"] or {}).get("path") == tree.debuginfo
    assert document["match"]["verdict"] == "same-build"


def test_the_memory_source_and_the_reasons_against_the_others(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch)
    assert document["memory"]["chosen"] == tree.memory_source
    reasons = {one["source"]: one["reason"] for one in document["memory"]["candidates"]}
    assert list(reasons) == ["/dev/crash", "/proc/kcore", "/dev/mem"]
    if tree.lockdown == "confidentiality":
        assert "lockdown" in reasons["/proc/kcore"]
    elif document["host"]["kernel"]["config"]["strict_devmem"]:
        assert "STRICT_DEVMEM" in reasons["/dev/mem"] or tree.lockdown == "integrity"
        assert verdicts(document)["/dev/mem"] == "rejected"


def test_loading_the_driver_is_proposed_exactly_where_it_lies_unloaded(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = planned(tree, monkeypatch)
    proposed = [step["reason"] for step in document["steps"] if step["needs"] == "consent"]
    if tree.crash_module and not tree.crash_module_loaded:
        assert len(proposed) == 1 and tree.crash_module in proposed[0]
        assert verdicts(document)["/dev/crash"] == "needs-consent"
    else:
        assert proposed == []


def test_the_host(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    host = planned(tree, monkeypatch)["host"]
    assert (host["os"]["id"], host["os"]["version"]) == (tree.os_id, tree.os_version)
    kernel = host["kernel"]
    assert (kernel["release"], kernel["build_id"]) == (tree.release, tree.build_id)
    assert (host["cpus"], host["memory_bytes"]) == (tree.cpus, tree.memory_bytes)
    assert host["boot"]["loader"] == tree.boot_loader


def test_the_hypervisor_under_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch)
    xen = document["host"]["xen"]
    if tree.xen_version is None:
        assert xen is None
        return
    assert (xen["role"], xen["version"], xen["guest_type"]) == ("dom0", tree.xen_version, tree.guest_type)
    assert xen["build_id"] == (tree.xen_build_id if tree.xen_build_id_in_sysfs else None)
    assert xen["toolstack"]["kind"] == tree.toolstack
    boot = document["host"]["boot"]
    assert (boot["edit_path"], boot["apply_command"]) == (tree.edit_path, tree.apply_command)
    (chosen,) = [one["chosen"] for one in document["decisions"] if one["what"] == "hypervisor symbols"]
    assert chosen == tree.xen_syms
    current = [entry for entry in boot["entries"] if entry["current"]]
    assert all(entry["title"] in tree.booted for entry in current)


def lens_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in document["decisions"] if one["what"] == "lens"]


def test_a_modern_pv_dom0_is_opened_behind_the_lens(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch)
    chosen = [one for one in lens_of(document) if one["chosen"]]
    assert bool(chosen) is tree.needs_lens
    assert bool(lens_of(document)) is (tree.xen_version is not None)
    assert [text for text in document["warnings"] if "PV Dom0" in text] == []
    if not (chosen and document["argv"]):
        assert document["wrapper"] == []
        return
    (reason,) = [one["reason"] for one in chosen]
    assert f"this is a PV Dom0 with Linux {tree.release}: its page tables hold machine frames" in reason
    assert document["wrapper"][3:5] == ["-m", "xcrash.lens"] and document["wrapper"][-1] == "--"
    assert document["wrapper"][5:7] == ["--directory", f"{document['env']['HOME']}/lens"]
    minimal = [rung for rung in document["ladder"] if "--minimal" in rung["argv"]]
    assert [rung["wrapped"] for rung in minimal] == [False]
    assert all(rung["wrapped"] for rung in document["ladder"] if rung not in minimal)


def test_without_the_lens_a_modern_pv_dom0_is_told_how_crash_fails(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch, lens="off")
    warnings = [text for text in document["warnings"] if "seek error: physical address: ffffffffffffffff" in text]
    assert bool(warnings) is tree.needs_lens
    assert all("--minimal" in text for text in warnings)
    assert document["wrapper"] == []
    assert [one["chosen"] for one in lens_of(document)] == [None] * (tree.xen_version is not None)


def test_the_lens_asked_for_where_it_is_of_no_use(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    document = planned(tree, monkeypatch, lens="on")
    of_no_use = [text for text in document["warnings"] if text.startswith("--lens on has no effect: ")]
    possible = tree.guest_type in (None, "PV") and tree.xen_version and not (tree.release or "").endswith("-xen")
    assert bool(of_no_use) is not bool(possible)
    assert bool(document["wrapper"]) is bool(possible and document["argv"])


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_tree_gives_a_plan_or_a_reason(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = HOSTILE[name](tmp_path / "root")
    document = planned(tree, monkeypatch)
    if tree.namelist is None and document["namelist"]:
        # It begins like the running kernel; what follows shows only when it is unpacked.
        assert name == "gzip-bomb" and [text for text in document["warnings"] if "when crash has unpacked it" in text]
        return
    if tree.namelist is None:
        assert document["argv"] == []
        return
    assert document["namelist"]["path"] == tree.namelist
    assert document["argv"][-len(expected_files(tree)) :] == expected_files(tree)
    assert bool([text for text in document["warnings"] if "build-id" in text]) is tree.mismatch


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_holds_no_memory(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = REPORTS[name](tmp_path / "root")
    document = planned(tree, monkeypatch)
    assert document["memory"]["chosen"] is None and document["argv"] == []
    assert document["host"]["kernel"]["release"] == tree.release
    assert document["host"]["os"]["id"] == tree.os_id
