# SPDX-License-Identifier: Apache-2.0
"""One task beside the list of all: its stack, files, memory and signals."""

from __future__ import annotations

from collections.abc import Hashable

from xcrash.answers import Answer
from xcrash.parse.bt import Bt
from xcrash.parse.ps import Task
from xcrash.tasks import key_of
from xcrash.tui.tables.task import STACK, TASK_PAGES
from xcrash.tui.widgets.subject_pane import SubjectPane

EVERY_STACK = "foreach bt"


class TaskPane(SubjectPane[Task]):
    """A task; its stack is taken from that of every task where it was asked for."""

    NAME = "task"
    PAGES = TASK_PAGES

    def who(self, subject: Task) -> str:
        """Its PID, name and address, where and how it runs."""
        name = f"[{subject.comm}]" if subject.kernel_thread else f'"{subject.comm}"'
        panicked = " (PANIC)" if self._in_context(subject) and self.bench.banner and self.bench.banner.panic else ""
        return f"PID {subject.pid} {name}  {subject.task or ''}  CPU {subject.cpu}  {subject.st}{panicked}"

    def key(self, subject: Task) -> Hashable:
        """Its address, or its PID."""
        return key_of(subject)

    def spellings(self, subject: Task) -> list[str]:
        """Every idle task has PID 0: only its address names one."""
        names = [str(subject.pid)] if subject.pid else []
        if subject.task:
            names += [subject.task, subject.task.removeprefix("0x")]
        if subject.pid is not None:
            names.append(str(subject.pid))
        return [*names, ""] if self._in_context(subject) else names

    def elsewhere(self, subject: Task) -> tuple[str, object] | None:
        """Its stack among those of all tasks."""
        value = self.bench.answers.value(EVERY_STACK)
        found = self.page.of(value, subject) if self.page is STACK and isinstance(value, Bt) else None
        return None if found is None else (EVERY_STACK, found)

    def refresh_answers(self) -> None:
        """Ask again; every stack is asked for by the list."""
        if self.command != EVERY_STACK:
            super().refresh_answers()

    def answered(self, answer: Answer) -> None:
        """Something was answered, perhaps with this stack in it."""
        super().answered(answer)
        if answer.command == EVERY_STACK and answer.command != self.command and self.page is STACK:
            self.look()

    def _in_context(self, subject: Task) -> bool:
        """Is it the task that crash stands on at first?"""
        banner = self.bench.banner
        return banner is not None and banner.pid == subject.pid and bool(subject.active)
