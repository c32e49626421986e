/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel_text - the instructions of a kernel, and which of them call a given address
 */
#include "kernel_text.h"

#include <archive.h>
#include <archive_entry.h>
#include <gelf.h>
#include <string.h>

#include "error.h"

enum { SECTOR_BYTES = 512, LENGTH_BYTES = 4, UNPACKED_MAX_BYTES = 512 * 1024 * 1024 };
/* Of bzImage's header. */
enum { AT_SETUP_SECTS = 0x1f1, AT_MAGIC = 0x202, AT_PAYLOAD_OFFSET = 0x248, AT_PAYLOAD_LENGTH = 0x24c, HEADER_BYTES = 0x250, OLD_SETUP_SECTS = 4 };

struct segment {
	guint64 address;
	const guint8 *bytes;
	gsize length_bytes;
};

struct kernel_text {
	GBytes *file;     /* the ELF file; segments point into it */
	GArray *segments; /* struct segment: those that are executable */
};

static struct kernel_text *unreadable(const char *name, const char *why, GError **error)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s: %s", name, why);
	return NULL;
}

static guint32 read_u32(const guint8 *at)
{
	guint32 value;

	memcpy(&value, at, sizeof(value));
	return GUINT32_FROM_LE(value);
}

/* The packed kernel in a bzImage; *payload is NULL if it is none. */
static void find_payload(const guint8 *file, gsize length_bytes, const guint8 **payload, gsize *payload_bytes)
{
	guint64 begin;

	*payload = NULL;
	if (length_bytes < HEADER_BYTES || memcmp(file + AT_MAGIC, "HdrS", 4) != 0)
		return;
	begin = ((file[AT_SETUP_SECTS] ? file[AT_SETUP_SECTS] : OLD_SETUP_SECTS) + (guint64)1) * SECTOR_BYTES + read_u32(file + AT_PAYLOAD_OFFSET);
	*payload_bytes = read_u32(file + AT_PAYLOAD_LENGTH);
	if (begin < length_bytes && *payload_bytes <= length_bytes - begin)
		*payload = file + begin;
}

/* Behind what is packed the kernel's build puts its unpacked length, but where gzip did that itself. To some readers it is damage. */
static gsize without_length(const guint8 *packed, gsize length_bytes)
{
	gboolean gzip = length_bytes >= 2 && packed[0] == 0x1f && packed[1] == 0x8b;

	return gzip || length_bytes < LENGTH_BYTES ? length_bytes : length_bytes - LENGTH_BYTES;
}

static GBytes *unpack(const guint8 *packed, gsize length_bytes)
{
	struct archive *archive = archive_read_new();
	GByteArray *unpacked = g_byte_array_new();
	struct archive_entry *entry;
	const void *block;
	la_int64_t offset;
	size_t block_bytes;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, packed, without_length(packed, length_bytes)) == ARCHIVE_OK && archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		while (archive_read_data_block(archive, &block, &block_bytes, &offset) == ARCHIVE_OK &&
		       unpacked->len + block_bytes <= UNPACKED_MAX_BYTES)
			g_byte_array_append(unpacked, block, (guint)block_bytes);
	archive_read_free(archive);
	return g_byte_array_free_to_bytes(unpacked);
}

static void add_segments(struct kernel_text *text, Elf *elf, const guint8 *file, gsize length_bytes)
{
	size_t count = 0;

	if (elf_getphdrnum(elf, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD || !(header.p_flags & PF_X) ||
		    header.p_offset > length_bytes || header.p_filesz > length_bytes - header.p_offset)
			continue;
		g_array_append_val(text->segments, ((struct segment){ header.p_vaddr, file + header.p_offset, header.p_filesz }));
	}
}

/* Takes over elf_file. */
static struct kernel_text *of_elf(GBytes *elf_file, const char *name, GError **error)
{
	g_autoptr(kernel_text_t) text = g_new0(struct kernel_text, 1);
	gsize length_bytes;
	const guint8 *file = g_bytes_get_data(elf_file, &length_bytes);
	Elf *elf;

	text->file = elf_file;
	text->segments = g_array_new(FALSE, FALSE, sizeof(struct segment));
	elf_version(EV_CURRENT);
	/* libelf only reads what it gets so, whatever its type says. */
	elf = length_bytes ? elf_memory((char *)file, length_bytes) : NULL;
	if (elf && elf_kind(elf) == ELF_K_ELF)
		add_segments(text, elf, file, length_bytes);
	elf_end(elf);
	return text->segments->len ? g_steal_pointer(&text) : unreadable(name, "no ELF file with instructions", error);
}

struct kernel_text *kernel_text_new(GBytes *file, const char *name, GError **error)
{
	gsize length_bytes, payload_bytes;
	const guint8 *data = g_bytes_get_data(file, &length_bytes), *payload;

	if (length_bytes >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0)
		return of_elf(g_bytes_ref(file), name, error);
	find_payload(data, length_bytes, &payload, &payload_bytes);
	return payload ? of_elf(unpack(payload, payload_bytes), name, error) : unreadable(name, "neither an ELF file nor a bzImage", error);
}

struct kernel_text *kernel_text_read(const struct image *image, GError **error)
{
	const char *path = image->vmlinux ? image->vmlinux : image->bzimage;
	g_autoptr(GError) why = NULL;
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, &why);
	g_autoptr(GBytes) file = mapped ? g_mapped_file_get_bytes(mapped) : NULL;

	return file ? kernel_text_new(file, path, error) : unreadable(path, why->message, error);
}

void kernel_text_free(struct kernel_text *text)
{
	if (!text)
		return;
	g_array_unref(text->segments);
	g_bytes_unref(text->file);
	g_free(text);
}

/* call and jmp are one byte and the distance from the instruction's end; a conditional jump has 0f before its byte. */
static void add_calls(const struct segment *segment, guint64 target, GArray *calls)
{
	for (gsize i = 0; i + 4 < segment->length_bytes; i++) {
		guint8 byte = segment->bytes[i];
		gboolean jumps_if = (byte & 0xf0) == 0x80 && i && segment->bytes[i - 1] == 0x0f;

		if (byte != 0xe8 && byte != 0xe9 && !jumps_if)
			continue;
		if (segment->address + i + 5 + (guint64)(gint64)(gint32)read_u32(segment->bytes + i + 1) == target)
			g_array_append_val(calls, ((guint64){ segment->address + i }));
	}
}

static gint by_value(gconstpointer a, gconstpointer b)
{
	guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;

	return (left > right) - (left < right);
}

GArray *kernel_text_calls(const struct kernel_text *text, guint64 target)
{
	GArray *calls = g_array_new(FALSE, FALSE, sizeof(guint64));

	for (guint i = 0; i < text->segments->len; i++)
		add_calls(&g_array_index(text->segments, struct segment, i), target, calls);
	g_array_sort(calls, by_value);
	return calls;
}
