# SPDX-License-Identifier: Apache-2.0
"""The tables of the views Memory and System: which command, which rows, which columns, and what a row leads to."""
