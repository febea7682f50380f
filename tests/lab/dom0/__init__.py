# SPDX-License-Identifier: Apache-2.0
"""A real Dom0: Xen, Debian's kernel, its tools, crash and xcrash on a disk that QEMU boots."""
