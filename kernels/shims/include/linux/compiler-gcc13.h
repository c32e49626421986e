/* SPDX-License-Identifier: GPL-2.0-or-later
 * compiler-gcc13.h - for trees of before 4.2, which look for a header of the compiler's major number
 * They know gcc 4 last and look at the minor number alone, so gcc 13 says here that it is 4.9. */
#pragma push_macro("__GNUC_MINOR__")
#undef __GNUC_MINOR__
#define __GNUC_MINOR__ 9
#include <linux/compiler-gcc4.h>
#pragma pop_macro("__GNUC_MINOR__")
