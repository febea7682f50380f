# SPDX-License-Identifier: Apache-2.0
"""Face one: text, JSON and exit codes."""
