/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig verdict - runs the verdict stage again on cells' folders
 */
#include "command.h"
#include "verdict.h"

const struct command command_verdict = {
	.name = "verdict", .arguments = "CELL…", .stage = verdict_stage,
	.summary = "judge a cell again",
	.description = "Holds 4-analysis.json against the ok and bug lines of 0-case.pkt and writes 5-verdict.json in each cell's folder.",
};
