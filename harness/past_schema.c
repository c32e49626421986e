/* SPDX-License-Identifier: GPL-2.0-or-later
 * past_schema - the tables of the history, by the steps in which they grew
 * Names, causes and digests come again every night, so each is kept once, in `word`; people read the view `result`.
 */
#include "past_schema.h"

#include <glib.h>

const char *const past_steps[] = {
	"CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
	"CREATE TABLE night ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, folder TEXT NOT NULL,"
	"  finrig TEXT NOT NULL, trusted INTEGER NOT NULL DEFAULT 0, exit_code INTEGER, kept INTEGER NOT NULL DEFAULT 1);"
	"CREATE TABLE cell ("
	"  kernel INTEGER NOT NULL REFERENCES word, test_case INTEGER NOT NULL REFERENCES word, variant INTEGER NOT NULL REFERENCES word,"
	"  night INTEGER NOT NULL REFERENCES night ON DELETE CASCADE,"
	"  outcome INTEGER NOT NULL REFERENCES word, expect INTEGER REFERENCES word, cause INTEGER REFERENCES word,"
	"  event INTEGER NOT NULL REFERENCES word, source INTEGER REFERENCES word, image INTEGER REFERENCES word,"
	"  initramfs INTEGER REFERENCES word, rig INTEGER REFERENCES word, machine INTEGER REFERENCES word, job INTEGER REFERENCES word,"
	"  key INTEGER REFERENCES word, bytes INTEGER REFERENCES word, place INTEGER NOT NULL REFERENCES word,"
	"  PRIMARY KEY (kernel, test_case, variant, night)) WITHOUT ROWID;"
	"CREATE INDEX cell_night ON cell (night);"
	"CREATE INDEX cell_key ON cell (key, night);"
	"CREATE VIEW result AS SELECT night.id AS night, night.name AS name, night.started AS started, night.folder AS folder,"
	"  night.trusted AS trusted, k.text AS kernel, t.text AS test_case, v.text AS variant, o.text AS outcome, x.text AS expect,"
	"  c.text AS cause, e.text AS event, s.text AS source, i.text AS image, u.text AS initramfs, r.text AS rig, m.text AS machine, j.text AS job,"
	"  y.text AS key, b.text AS bytes, p.text AS place"
	"  FROM cell JOIN night ON night.id = cell.night JOIN word k ON k.id = cell.kernel JOIN word t ON t.id = cell.test_case"
	"  JOIN word v ON v.id = cell.variant JOIN word o ON o.id = cell.outcome JOIN word e ON e.id = cell.event"
	"  JOIN word p ON p.id = cell.place LEFT JOIN word x ON x.id = cell.expect LEFT JOIN word c ON c.id = cell.cause"
	"  LEFT JOIN word s ON s.id = cell.source LEFT JOIN word i ON i.id = cell.image LEFT JOIN word r ON r.id = cell.rig"
	"  LEFT JOIN word u ON u.id = cell.initramfs"
	"  LEFT JOIN word m ON m.id = cell.machine LEFT JOIN word j ON j.id = cell.job LEFT JOIN word y ON y.id = cell.key"
	"  LEFT JOIN word b ON b.id = cell.bytes;",
};

const int past_step_count = G_N_ELEMENTS(past_steps);
