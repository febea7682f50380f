# SPDX-License-Identifier: Apache-2.0
# make run            xcrash on the bundled recording;  make run ARGS="VMCORE --vmlinux VMLINUX"  on a dump
# make test           the tests that need nothing but Python
# make check          format, lint, types, import rules
# make lab            the real thing: three crashes, two kernels with debuginfo, dumps of real panics (0.75 GB downloaded)
# make lab-env        shell lines that name what the lab holds:  eval "$(make -s lab-env)"
# make lab-dom0       a real Xen Dom0 in QEMU, reachable over ssh (1.2 GB downloaded the first time, 1.2 GB kept);
#                     DOM0=bookworm the other one, XCRASH_SOURCE=DIR xcrash of another working tree;  lab-dom0-refresh
#                     brings xcrash there anew,  lab-dom0-status,  lab-dom0-stop
# make lab-xen-dump   Xen with debug information, a dump of a Dom0 that panicked on it, one of a crash of Xen itself, one of
#                     a guest (needs gcc, make, bison, flex; 5 MB downloaded);  lab-xen-dump-status
# make test-dom0      the tests on it: both, with every crash of the lab; DOM0=trixie one, with the newest crash alone
# make test-real      the tests that need the lab
# make fuzz           mutate what the readers read;  FUZZ_SECONDS=60 for each target,  FUZZ_TARGET="elf streams" for some
# make bench          the benchmarks (docs/performance.md);  .venv/bin/python -m tests.bench dom0  those in a Dom0
# make recordings     record transcripts/ and the demo anew with the lab;  make pictures  draws docs/pictures/
# make recordings-dom0  those on a real Xen Dom0;  make recordings-xen-dump  those of the dumps of a Xen machine

SHELL := /bin/sh
LAB := $${XCRASH_LAB:-$$HOME/.cache/xcrash-lab}
ARGS := demo
FUZZ_SECONDS := 60
FUZZ_TARGET :=
PY := .venv/bin/python
DOM0 :=
XCRASH_SOURCE := $(CURDIR)

.PHONY: run test check lab lab-env lab-dom0 lab-dom0-refresh lab-dom0-status lab-dom0-stop lab-xen-dump lab-xen-dump-status test-dom0 test-real fuzz bench recordings recordings-dom0 recordings-xen-dump pictures clean

run:
	@.ci/venv run
	@PATH="$$PATH:$(LAB)/bin" .venv/bin/xcrash $(ARGS)

test:
	@.ci/venv dev
	$(PY) -m pytest $(ARGS_PYTEST)

check:
	@.ci/venv dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lab:
	@python3 -m tests.lab build

lab-env:
	@python3 -m tests.lab env
	@echo "export PATH=\"\$$PATH:$(CURDIR)/.venv/bin:$(LAB)/bin\""

lab-dom0:
	@.ci/venv dev
	@$(PY) -m tests.lab.dom0 start $(DOM0:%=--suite %) --source "$(XCRASH_SOURCE)"

lab-dom0-refresh:
	@.ci/venv dev
	@$(PY) -m tests.lab.dom0 refresh $(DOM0:%=--suite %) --source "$(XCRASH_SOURCE)"

lab-dom0-status lab-dom0-stop:
	@.ci/venv dev
	@$(PY) -m tests.lab.dom0 $(@:lab-dom0-%=%) $(DOM0:%=--suite %)

lab-xen-dump:
	@.ci/venv dev
	@$(PY) -m tests.lab.xen_dump build

lab-xen-dump-status:
	@.ci/venv dev
	@$(PY) -m tests.lab.xen_dump status

test-dom0:
	@.ci/venv dev
	XCRASH_TEST_DOM0="$(DOM0)" $(PY) -m pytest -m dom0 $(ARGS_PYTEST)

test-real:
	@.ci/venv dev
	$(PY) -m pytest -m real $(ARGS_PYTEST)

fuzz:
	@.ci/venv fuzz
	$(PY) -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_TARGET)

bench:
	@.ci/venv dev
	$(PY) -m tests.bench

recordings:
	@.ci/venv dev
	$(PY) -m tests.real.record

recordings-dom0:
	@.ci/venv dev
	$(PY) -m tests.real.record_dom0

recordings-xen-dump:
	@.ci/venv dev
	@$(PY) -m tests.real.record_xen_dump

pictures:
	@.ci/venv dev
	$(PY) -m tests.tui.pictures

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
