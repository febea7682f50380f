# SPDX-License-Identifier: Apache-2.0
"""What was said before: recordings written, read and played again."""
