# SPDX-License-Identifier: Apache-2.0
"""What machine is this? Facts of a live or copied machine, read from its files; nothing is changed."""
