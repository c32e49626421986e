/* SPDX-License-Identifier: GPL-2.0-or-later
 * error - the one error domain of the host side
 */
#include "error.h"

/* GLib's macro calls the private part of an error FinrigErrorPrivate, and these three by it. */
typedef struct error_about FinrigErrorPrivate;

static void finrig_error_private_init(FinrigErrorPrivate *about)
{
	*about = (FinrigErrorPrivate){ FALSE, NULL, NULL, NULL };
}

static void finrig_error_private_copy(const FinrigErrorPrivate *from, FinrigErrorPrivate *to)
{
	*to = (FinrigErrorPrivate){ from->unready, g_strdup(from->image), g_strdup(from->log), g_strdup(from->lines) };
}

static void finrig_error_private_clear(FinrigErrorPrivate *about)
{
	g_free(about->image);
	g_free(about->log);
	g_free(about->lines);
}

G_DEFINE_EXTENDED_ERROR(FinrigError, finrig_error)

struct error_about *error_about(const GError *error)
{
	return finrig_error_get_private(error);
}

gboolean error_usage(GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error)
		*error = g_error_new_valist(FINRIG_ERROR, FINRIG_ERROR_USAGE, format, arguments);
	va_end(arguments);
	return FALSE;
}
