/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_field - what a diff compares
 */
#include "diff_field.h"

#include <arpa/inet.h>
#include <string.h>

#include "diff_view.h"
#include "error.h"

enum { ECN_BITS = 3, DSCP_SHIFT = 2 };

static char *number_text(guint32 value)
{
	return g_strdup_printf("%u", value);
}

static char *seq_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->relative_seq);
}

static char *flags_value(const struct diff_fields *fields, const struct diff_packet *view)
{
	struct packet packet = *view->packet;

	packet.flags = diff_fields_flags(fields, packet.flags);
	return packet_flags_text(&packet);
}

static char *length_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->payload_bytes);
}

static char *ack_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return view->packet->flags & PACKET_ACK ? number_text(view->packet->relative_ack) : g_strdup("none");
}

/* SACK edges are sequence numbers of the other end, relative as the acknowledgement is. */
static char *relative_sack(const struct packet *packet, const char *option)
{
	g_auto(GStrv) words = g_strsplit(option, " ", -1);
	GString *text = g_string_new(words[0]);

	for (guint i = 1; words[i]; i++)
		g_string_append_printf(text, " %u", (guint32)g_ascii_strtoull(words[i], NULL, 10) - (packet->ack - packet->relative_ack));
	return g_string_free(text, FALSE);
}

/* Time stamps have another base in each run, so only their presence counts here. */
static char *options_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	g_autofree char *text = packet_options_text(view->packet);
	g_auto(GStrv) options = g_strsplit(text, ", ", -1);
	g_autofree char *joined = NULL;

	for (guint i = 0; options[i]; i++) {
		g_autofree char *option = options[i];

		if (g_str_has_prefix(option, "TS "))
			options[i] = g_strdup("TS");
		else if (g_str_has_prefix(option, "sack "))
			options[i] = relative_sack(view->packet, option);
		else
			options[i] = g_steal_pointer(&option);
	}
	joined = g_strjoinv(", ", options);
	return g_strdup(*joined ? joined : "none");
}

static char *payload_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return view->packet->payload_bytes ? g_strdup_printf("checksum %08x", view->packet->payload_crc) : NULL;
}

static char *urgent_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->flags & PACKET_URG ? view->packet->urgent : 0);
}

static char *ecn_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	static const char *const names[] = { "not ECT", "ECT(1)", "ECT(0)", "CE" }; /* RFC 3168 5 */

	return g_strdup(names[view->packet->tos & ECN_BITS]);
}

static char *window_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->window);
}

static char *stamps_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	guint32 value, echo;

	if (!packet_stamps(view->packet, &value, &echo))
		return NULL;
	if (!echo)
		return g_strdup_printf("%+d echo none", (gint32)(value - view->stamp_base[0]));
	return g_strdup_printf("%+d echo %+d", (gint32)(value - view->stamp_base[0]), (gint32)(echo - view->stamp_base[1]));
}

static char *isn_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return view->packet->flags & PACKET_SYN ? number_text(view->packet->seq) : NULL;
}

static char *ports_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return g_strdup_printf("%u > %u", view->packet->source_port, view->packet->target_port);
}

static char *addresses_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	int family = view->packet->ip_version == 6 ? AF_INET6 : AF_INET;
	char source[INET6_ADDRSTRLEN] = "", target[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, view->packet->source, source, sizeof(source));
	inet_ntop(family, view->packet->target, target, sizeof(target));
	return g_strdup_printf("%s > %s", source, target);
}

static char *ttl_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->ttl);
}

static char *dscp_value(const struct diff_fields *fields G_GNUC_UNUSED, const struct diff_packet *view)
{
	return number_text(view->packet->tos >> DSCP_SHIFT);
}

static const struct field {
	const char *name, *meaning;
	gboolean compared; /* unless the user says otherwise */
	char *(*value)(const struct diff_fields *fields, const struct diff_packet *view);
} table[DIFF_FIELD_COUNT] = {
	[DIFF_FIELD_SEQ] = { "seq", "relative sequence numbers", TRUE, seq_value },
	[DIFF_FIELD_FLAGS] = { "flags", "flags", TRUE, flags_value },
	[DIFF_FIELD_PSH] = { "psh", "the PSH flag", TRUE, NULL },
	[DIFF_FIELD_LENGTH] = { "length", "payload lengths", TRUE, length_value },
	[DIFF_FIELD_ACK] = { "ack", "acknowledgements", TRUE, ack_value },
	[DIFF_FIELD_OPTIONS] = { "options", "TCP options", TRUE, options_value },
	[DIFF_FIELD_PAYLOAD] = { "payload", "payload", TRUE, payload_value },
	[DIFF_FIELD_URGENT] = { "urgent", "urgent pointers", TRUE, urgent_value },
	[DIFF_FIELD_ECN] = { "ecn", "ECN bits of IP", TRUE, ecn_value },
	[DIFF_FIELD_WINDOW] = { "window", "windows", FALSE, window_value },
	[DIFF_FIELD_STAMPS] = { "stamps", "time stamp values", FALSE, stamps_value },
	[DIFF_FIELD_ISN] = { "isn", "initial sequence numbers", FALSE, isn_value },
	[DIFF_FIELD_PORTS] = { "ports", "ports", FALSE, ports_value },
	[DIFF_FIELD_ADDRESSES] = { "addresses", "addresses", FALSE, addresses_value },
	[DIFF_FIELD_TTL] = { "ttl", "TTL", FALSE, ttl_value },
	[DIFF_FIELD_DSCP] = { "dscp", "DSCP", FALSE, dscp_value },
	[DIFF_FIELD_TIME] = { "time", "times", TRUE, NULL },
	[DIFF_FIELD_STATES] = { "states", "socket states", TRUE, NULL },
	[DIFF_FIELD_COUNTERS] = { "counters", "counters", TRUE, NULL },
	[DIFF_FIELD_FACTS] = { "facts", "facts", TRUE, NULL },
};

void diff_fields_default(struct diff_fields *fields)
{
	for (guint i = 0; i < DIFF_FIELD_COUNT; i++)
		fields->compared[i] = table[i].compared;
}

char *diff_fields_names(void)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < DIFF_FIELD_COUNT; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "", table[i].name);
	return g_string_free(text, FALSE);
}

/* What one list says of a field; both lists may not name the same. */
enum said { SAID_NOTHING, SAID_COMPARE, SAID_IGNORE };

static const char all[] = "all";

static int field_of_name(const char *name)
{
	for (int i = 0; i < DIFF_FIELD_COUNT; i++)
		if (g_str_equal(name, table[i].name))
			return i;
	return -1;
}

static gboolean hear_word(enum said *said, gboolean *everything, const char *word, enum said what, GError **error)
{
	g_autofree char *known = diff_fields_names();
	const char *option = what == SAID_COMPARE ? "compare" : "ignore";
	int field = field_of_name(word);

	if (g_str_equal(word, all)) {
		*everything = TRUE;
		return TRUE;
	}
	if (field < 0)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--%s: expected %s, %s; found '%s'", option, all, known, word);
	else if (said[field] != SAID_NOTHING && said[field] != what)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "'%s' is both to be compared and to be ignored", word);
	else
		said[field] = what;
	return field >= 0 && said[field] == what;
}

static gboolean hear(enum said *said, gboolean *everything, const char *const *lists, enum said what, GError **error)
{
	for (guint i = 0; lists && lists[i]; i++) {
		g_auto(GStrv) words = g_strsplit(lists[i], ",", -1);

		for (guint j = 0; words[j]; j++)
			if (!hear_word(said, everything, g_strstrip(words[j]), what, error))
				return FALSE;
	}
	return TRUE;
}

gboolean diff_fields_choose(struct diff_fields *fields, const char *const *compare, const char *const *ignore, GError **error)
{
	enum said said[DIFF_FIELD_COUNT] = { SAID_NOTHING };
	gboolean compare_all = FALSE, ignore_all = FALSE;

	if (!hear(said, &compare_all, compare, SAID_COMPARE, error) || !hear(said, &ignore_all, ignore, SAID_IGNORE, error))
		return FALSE;
	if (compare_all && ignore_all) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "'%s' is both to be compared and to be ignored", all);
		return FALSE;
	}
	for (guint i = 0; i < DIFF_FIELD_COUNT; i++)
		fields->compared[i] = said[i] == SAID_COMPARE || (said[i] == SAID_NOTHING && !ignore_all && (compare_all || fields->compared[i]));
	return TRUE;
}

const char *diff_field_name(enum diff_field_id id)
{
	return table[id].name;
}

JsonArray *diff_fields_to_json(const struct diff_fields *fields, gboolean compared)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < DIFF_FIELD_COUNT; i++)
		if (!fields->compared[i] == !compared)
			json_array_add_string_element(array, table[i].meaning);
	return array;
}

char *diff_field_value(const struct diff_fields *fields, enum diff_field_id id, const struct diff_packet *packet)
{
	return table[id].value ? table[id].value(fields, packet) : NULL;
}

guint diff_fields_flags(const struct diff_fields *fields, guint flags)
{
	if (!fields->compared[DIFF_FIELD_FLAGS])
		return 0;
	return fields->compared[DIFF_FIELD_PSH] ? flags : flags & ~(guint)PACKET_PSH;
}
