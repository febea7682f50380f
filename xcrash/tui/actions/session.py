# SPDX-License-Identifier: Apache-2.0
"""What works everywhere in an open session."""

from __future__ import annotations

from xcrash.tui.actions import Action

_VIEWS = {
    "Overview": "Who is this machine, what happened to it.",
    "Console": "Every command with what crash answered.",
    "Tasks": "The tasks with their stacks; of a hypervisor its vcpus.",
    "Log": "The kernel's log; of a hypervisor its console.",
    "Memory": "Where the memory is; of a hypervisor its domains.",
    "System": "Modules, devices, interrupts, timers, mounts; of a hypervisor its CPUs.",
    "Recording": "What was asked when; replay, save, scrub.",
}

INTERRUPT = Action(
    "command.interrupt",
    "interrupt",
    "ctrl+c",
    "Interrupt",
    show=False,
    priority=True,
    about="Interrupt the running command; never quits.",
)

SESSION = (
    *(
        Action(
            f"start.rung{number}",
            f"rung({number})",
            str(number),
            "Try it",
            show=False,
            palette=False,
            about="When crash could not start: try what has this number.",
        )
        for number in range(1, 5)
    ),
    *(
        Action(
            f"view.{title.lower()}",
            f"view('{title.lower()}')",
            f"{number},f{number + 1}",
            title,
            show=False,
            about=about,
        )
        for number, (title, about) in enumerate(_VIEWS.items(), 1)
    ),
    Action(
        "view.crash",
        "crash_view",
        "X,f9",
        "Other view",
        show=False,
        about="To the other view of this crash: of Dom0, of the hypervisor, of a DomU.",
    ),
    Action("command.prompt", "prompt", "colon", "Command", about="Type a crash command."),
    INTERRUPT,
    Action(
        "view.refresh", "refresh_view", "r", "Refresh", show=False, about="Ask crash again for what this view shows."
    ),
    Action("view.copy", "copy", "y", "Copy", show=False, about="Copy what is under the cursor."),
    Action("session.restart", "restart", "R", "Restart crash", about="Start crash again in place of one that is gone."),
    Action("session.history", "run_history", "h", "Run the commands again", about="Send the dead session's commands."),
    Action(
        "session.another",
        "app.open_another",
        "O",
        "Open another",
        show=False,
        about="End this session and show what else can be opened.",
    ),
    Action("view.leave", "leave", "escape", "Back", show=False, palette=False),
    Action("app.help", "help", "question_mark,f1", "Help", about="The keys of what has the focus."),
    Action("app.quit", "app.quit", "ctrl+q", "Quit", priority=True, about="End crash and leave."),
)
