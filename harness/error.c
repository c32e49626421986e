/* SPDX-License-Identifier: GPL-2.0-or-later
 * error - the one error domain of the host side
 */
#include "error.h"

G_DEFINE_QUARK(finrig-error, finrig_error)
