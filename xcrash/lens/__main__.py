# SPDX-License-Identifier: Apache-2.0
"""``python -m xcrash.lens``: start crash behind the lens."""

from xcrash.lens.launch import main

if __name__ == "__main__":
    main()
