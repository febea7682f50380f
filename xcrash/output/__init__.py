# SPDX-License-Identifier: Apache-2.0
"""What crash printed, as lines to search and to keep: read from the spool in pieces, never as a whole."""
