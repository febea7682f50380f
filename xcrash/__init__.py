# SPDX-License-Identifier: Apache-2.0
"""A terminal assistant for debugging Linux kernel dumps with the crash utility."""

__version__ = "0.1.0"
