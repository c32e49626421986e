/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_page - head and foot of a page that needs nothing but itself
 */
#include "html_page.h"

#include "markup.h"

extern const char report_html_css[], report_html_js[]; /* generated */

/* As a Content-Security-Policy names a script. */
static char *policy_hash(const char *text)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize length = sizeof(digest);
	g_autofree char *encoded = NULL;

	g_checksum_update(checksum, (const guchar *)text, -1);
	g_checksum_get_digest(checksum, digest, &length);
	encoded = g_base64_encode(digest, length);
	return g_strdup_printf("'sha256-%s'", encoded);
}

void html_page_open(GString *out, const char *title)
{
	g_autofree char *style = policy_hash(report_html_css), *script = policy_hash(report_html_js);

	g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\" class=\"without-script\">\n<head>\n<meta charset=\"utf-8\">\n");
	markup_add(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src %s; script-src %s\">\n", style, script);
	g_string_append(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	markup_add(out, "<title>%s</title>\n", title);
	g_string_append_printf(out, "<style>%s</style>\n</head>\n<body>\n", report_html_css);
}

void html_page_close(GString *out, gboolean script)
{
	if (script)
		g_string_append_printf(out, "<script>%s</script>\n", report_html_js);
	g_string_append(out, "</body>\n</html>\n");
}
