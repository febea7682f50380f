# SPDX-License-Identifier: Apache-2.0
"""What could come next in a command line: gathered from the running crash, never in the way of its user."""

from xcrash.completion.complete import LIMIT, needed
from xcrash.completion.gather import Completions
from xcrash.completion.known import Completion, Known

__all__ = ["LIMIT", "Completion", "Completions", "Known", "needed"]
