/* SPDX-License-Identifier: GPL-2.0-or-later
 * needs - what a case's `needs:` lines ask of a kernel
 */
#include "needs.h"

#include <string.h>

int needs_compare_release(const char *release, const char *version)
{
	for (;;) {
		char *release_end, *version_end;
		guint64 have, want;

		if (!g_ascii_isdigit(*version))
			return 0;
		have = g_ascii_isdigit(*release) ? g_ascii_strtoull(release, &release_end, 10) : 0;
		if (!g_ascii_isdigit(*release))
			release_end = (char *)release;
		want = g_ascii_strtoull(version, &version_end, 10);
		if (have != want)
			return have < want ? -1 : 1;
		release = *release_end == '.' ? release_end + 1 : "";
		version = *version_end == '.' ? version_end + 1 : "";
	}
}

static char *missing(const char *need, const struct image *image)
{
	static const char newer[] = "kernel >= ", older[] = "kernel < ";

	if (g_str_has_prefix(need, "CONFIG_"))
		return image_has_option(image, need + strlen("CONFIG_")) ? NULL : g_strdup_printf("the kernel is built without %s", need);
	if (!image->release)
		return NULL;
	if (g_str_has_prefix(need, newer) && needs_compare_release(image->release, need + strlen(newer)) < 0)
		return g_strdup_printf("needs %s, this is %s", need, image->release);
	if (g_str_has_prefix(need, older) && needs_compare_release(image->release, need + strlen(older)) >= 0)
		return g_strdup_printf("needs %s, this is %s", need, image->release);
	return NULL;
}

char *needs_missing(const struct test_case *test_case, const struct image *image)
{
	for (guint i = 0; i < test_case->needs->len; i++) {
		char *reason = missing(test_case->needs->pdata[i], image);

		if (reason)
			return reason;
	}
	return NULL;
}
