#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What suites of packetdrill scripts do before each script.
ip tcp_metrics flush all >/dev/null 2>&1
sysctl -q net.ipv4.tcp_rmem="4096 540000 $((15 * 1024 * 1024))"
tc qdisc replace dev tun0 root pfifo
