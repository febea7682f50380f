# SPDX-License-Identifier: Apache-2.0
"""The parts the screens are made of."""
