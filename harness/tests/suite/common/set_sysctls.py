#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest, which has no python, /usr/bin/python3 knows what programs of this name are for.
raise SystemExit("never run: the guest's python3 does it")
