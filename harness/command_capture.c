/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig capture - runs the capture stage again on cells' folders
 */
#include "command.h"
#include "capture.h"

const struct command command_capture = {
	.name = "capture", .arguments = "CELL…", .stage = capture_stage,
	.summary = "write a cell's pcap again",
	.description = "Reads 2-events.jsonl and writes 3-packets.pcap in each cell's folder.",
};
