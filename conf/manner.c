/* The dialects, side by side. */
#include "conf/manner.h"

static const char flag_says[] = "; set flags = NOLIBWRAP if this is meant";

static const struct manner manners[] = {
	[DIALECT_INETD] = {
		.wait = "wait",
		.nowait = "nowait",
		.meant = "",
		.bad_value = REPORT_SYNTAX,
		.failed_default = REPORT_UNSERVABLE,
		.not_there = REPORT_SYNTAX,
		.rate = { LIMIT_UNSET, 0 },
		.groups = true,
		.dotted_user = true,
		.searches_path = true,
	},
	[DIALECT_XINETD] = {
		.wait = "wait = yes",
		.nowait = "wait = no",
		.meant = flag_says,
		.bad_value = REPORT_UNSERVABLE,
		.failed_default = REPORT_SYNTAX,
		.not_there = REPORT_WARNING,
		.least = 1, /* 0 would let nobody in */
		.excess = EXCESS_REFUSE,
		.rate = { 50, 1 },
		.max_pause = 10,
		.pass_all = true,
		.name_host = true,
		.libwrap = true,
		.as_xinetd = true,
	},
	[DIALECT_SUPERD] = {
		.wait = "wait = yes",
		.nowait = "wait = no",
		.meant = flag_says,
		.bad_value = REPORT_SYNTAX,
		.failed_default = REPORT_UNSERVABLE,
		.not_there = REPORT_SYNTAX,
		.rate = { LIMIT_UNSET, 0 },
		.groups = true,
	},
};

const struct manner *
manner_of(enum dialect dialect)
{
	return &manners[dialect];
}
