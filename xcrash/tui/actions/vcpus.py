# SPDX-License-Identifier: Apache-2.0
"""What works in the views of a hypervisor's vcpus and domains."""

from __future__ import annotations

from xcrash.tui.actions import Action

VCPUS: tuple[Action, ...] = (
    Action("vcpus.pane", "pane", "v", "Pane", show=False, about="Show or hide the vcpu beside the list."),
    Action("vcpus.next", "page(1)", "right_square_bracket,right", "Next page", show=False, about="The next page."),
    Action(
        "vcpus.previous", "page(-1)", "left_square_bracket,left", "Page before", show=False, about="The page before."
    ),
    Action("vcpus.focus", "other", "tab,shift+tab", "Other side", show=False, about="Between the list and the vcpu."),
    Action("vcpus.evidence", "evidence", "e", "Evidence", show=False, about="What crash printed, at the line of this."),
)

DOMAINS: tuple[Action, ...] = (
    Action(
        "domains.open", "open_guest", "o", "Open guest", about="Open the guest under the cursor beside Dom0 and Xen."
    ),
)
