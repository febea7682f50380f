# SPDX-License-Identifier: Apache-2.0
"""See a PV Dom0: /proc/kcore with page tables that hold the kernel's own frame numbers.

The page tables of a PV kernel hold machine frames (MFN). crash translates those in dumps, but not on a live kernel with
a linear p2m list, and ends at its first walk. The lens is a read-only file with the layout of /proc/kcore in which the
tables hold the kernel's frames (PFN) and nothing tells of Xen; crash is started where it lies over /proc/kcore.
"""
