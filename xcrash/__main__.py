# SPDX-License-Identifier: Apache-2.0
"""``python -m xcrash``."""

from xcrash.cli.main import main

main()
