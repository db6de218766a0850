#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Some of the programs of tools/programs, with what every guest has; `make
# programs` runs them all.
export MINI_TOP=${MINI_TOP:-$(cd "$(dirname "$0")/.." && pwd)}
exec "$MINI_TOP/tools/programs/guest" --short
