/* SPDX-License-Identifier: GPL-2.0-or-later
 * case_list - the cases of a run: by name, by path, a folder of them; each read, checked and, where asked for, once for each IP version
 */
#ifndef FINRIG_CASE_LIST_H
#define FINRIG_CASE_LIST_H

#include "case.h"

/* What one case becomes several cells by; names of the variants stand behind the case's own: closing.ipv6. */
struct case_variants {
	char **ip_versions; /* NULL-terminated: ipv4, ipv6, ipv4-mapped-ipv6; NULL: as each script says. A script that says it is for one of these
	                     * runs for that alone */
	GPtrArray *left_out; /* struct case_left_out *: where a script that says it is for none of these goes; NULL: it runs for all of them */
};

/* A case that is for none of the IP versions asked for. */
struct case_left_out {
	char *name, *ip_version; /* what it says it is for */
};

void case_left_out_free(struct case_left_out *left_out);

/* "ipv4,ipv6" and "all" to variants->ip_versions (free with g_strfreev()). FINRIG_ERROR_USAGE. */
gboolean case_variants_parse(struct case_variants *variants, char **values, GError **error);

/* Everything about a case that can be wrong is found here, before a guest boots: header, comparisons, script, files beside it.
 * FINRIG_ERROR_USAGE with file:line:column, for each fault of the script a line. */
gboolean case_check(const struct workspace *workspace, struct test_case *test_case, GError **error);
/* Adds a checked case to cases (struct test_case *), or to variants->left_out. */
gboolean case_list_add(GPtrArray *cases, const struct workspace *workspace, const char *name_or_path, const struct case_variants *variants,
		       GError **error);
/* All of finrig's own cases; not the suites in folders below them. */
gboolean case_list_add_own(GPtrArray *cases, const struct workspace *workspace, const struct case_variants *variants, GError **error);
/* All .pkt files below folder. A script that cannot be read is told on standard error and stays in the list, to come out as BROKEN:
 * of hundreds of scripts of other hands one is no reason not to run the others. */
gboolean case_list_add_folder(GPtrArray *cases, const struct workspace *workspace, const char *folder, const struct case_variants *variants,
			      GError **error);

#endif
