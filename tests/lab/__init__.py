# SPDX-License-Identifier: Apache-2.0
"""The lab: a real crash, a real kernel and real dumps, built without root and outside the repository."""
