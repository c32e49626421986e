/* SPDX-License-Identifier: GPL-2.0-or-later
 * ethtool - what scripts call ethtool for, on kernels from 2.6.32 on: -K and -k, the features of a device that have had short names
 * always (rx tx sg tso ufo gso gro lro). in: a program's arguments; out: its exit status, 0 done, 1 refused (said on stderr).
 * The agent is that program where it is called ethtool.
 */
#ifndef FINRIG_AGENT_ETHTOOL_H
#define FINRIG_AGENT_ETHTOOL_H

int ethtool_main(char **arguments);

#endif
