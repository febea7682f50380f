# SPDX-License-Identifier: Apache-2.0
"""Find what a session needs: the host's facts, candidates for the namelist, the crash program. Reads files only."""
