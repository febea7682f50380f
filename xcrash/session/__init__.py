# SPDX-License-Identifier: Apache-2.0
"""Talk to crash: start it, know when it is done, keep what it says. Bytes out; nothing here parses tables."""

from xcrash.session.messages import Message, classify
from xcrash.session.scribe import Recorder
from xcrash.session.session import Session
from xcrash.session.spool import Spool
from xcrash.session.timing import Timing
from xcrash.session.transport import PtyTransport, Transport
from xcrash.session.values import (
    ActivityChanged,
    CommandFinished,
    CommandResult,
    CommandStarted,
    Event,
    InputNeeded,
    MessageSeen,
    Notice,
    OutputGrew,
    PhaseChanged,
    SessionGone,
    SessionReady,
    StartedAgain,
    State,
)

__all__ = [
    "ActivityChanged",
    "CommandFinished",
    "CommandResult",
    "CommandStarted",
    "Event",
    "InputNeeded",
    "Message",
    "MessageSeen",
    "Notice",
    "OutputGrew",
    "PhaseChanged",
    "PtyTransport",
    "Recorder",
    "Session",
    "SessionGone",
    "SessionReady",
    "Spool",
    "StartedAgain",
    "State",
    "Timing",
    "Transport",
    "classify",
]
