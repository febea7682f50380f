# SPDX-License-Identifier: Apache-2.0
"""Another machine over OpenSSH: one connection, an attendant on its far end that looks, and a terminal for crash."""

from xcrash.ssh.address import SCHEME, Address, is_address, parse_address
from xcrash.ssh.connection import Connection, Reply, Request, connect

__all__ = ["SCHEME", "Address", "Connection", "Reply", "Request", "connect", "is_address", "parse_address"]
