/* SPDX-License-Identifier: GPL-2.0-or-later
 * socket_field - the numbers that a sample of a socket has; socket_field.h is the manual
 */
#include "socket_field.h"

#define FIELD(id, name, unit, kind, meaning) { id, name, unit, SOCKET_FIELD_##kind },

const struct socket_field socket_fields[] = { SOCKET_FIELDS(FIELD) };
const gsize socket_field_count = G_N_ELEMENTS(socket_fields);

const struct socket_field *socket_field_named(const char *name)
{
	for (gsize i = 0; i < socket_field_count; i++)
		if (g_str_equal(socket_fields[i].name, name))
			return &socket_fields[i];
	return NULL;
}
