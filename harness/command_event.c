/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig event - runs the event stage again on cells' folders
 */
#include "command.h"
#include "event.h"

const struct command command_event = {
	.name = "event", .arguments = "CELL…", .stage = event_stage,
	.summary = "read a cell's record stream again",
	.description = "Reads 1-records.bin and writes 2-events.jsonl in each cell's folder.",
};
