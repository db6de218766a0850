# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tools/bench/guest: programs that users know, unmodified.
