# SPDX-License-Identifier: Apache-2.0
"""Face two: the terminal UI. The only part that knows Textual."""
