# SPDX-License-Identifier: Apache-2.0
"""Dumps of a machine that crashed under Xen, and of a guest on it."""
