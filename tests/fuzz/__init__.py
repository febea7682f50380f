# SPDX-License-Identifier: Apache-2.0
"""Every reader of foreign bytes as a function of bytes, and the runs that mutate them (``make fuzz``)."""
