/*
 * The reader of superd.conf, on libconfuse; the only file that knows it.
 *
 * The library never sees a file: source.c has read the text, taken the
 * comments out (the library would miscount lines after them) and found every
 * brace and quote closed (it would accept an open one).
 */
#include "conf/readers.h"

#include <confuse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/service.h"
#include "conf/units.h"
#include "conf/xalloc.h"

/* libconfuse's callbacks carry no argument: what they need stands here while
 * one text is parsed, and is gone when that ends. */
static struct loader *current;

static const char *const option_names[] = { "pid_file", "control",
	"control_group", "log_facility", "backlog", "rate", "instances",
	"per_source", "source_rate", "max_children", "strict", "include",
	"inetd_conf", "xinetd_conf", NULL };

static void report_place(cfg_t *, enum report_level, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
report_place(cfg_t *cfg, enum report_level level, const char *fmt, ...)
{
	struct place place = { cfg->filename, (unsigned)cfg->line, 0 };
	va_list ap;

	va_start(ap, fmt);
	report_addv(current->reports, level, &place, fmt, ap);
	va_end(ap);
}

/* "no such option 'ratt'" gets a suggestion; all else passes as it is. */
static void on_error(cfg_t *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[512], word[64];
	const char *quote, *near = NULL;

	vsnprintf(text, sizeof(text), fmt, ap);
	quote = strstr(text, "no such option '");
	if (quote != NULL && sscanf(quote, "no such option '%63[^']'",
	    word) == 1)
		near = report_nearest(word, option_names);
	if (near != NULL)
		report_place(cfg, REPORT_SYNTAX, "%s, did you mean %s?",
		    text, near);
	else
		report_place(cfg, REPORT_SYNTAX, "%s", text);
}

static int
check_count(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value >= 0 && value <= 1000000000)
		return 0;
	report_place(cfg, REPORT_SYNTAX, "%s: a number from 0 to 1000000000 "
	    "was expected", cfg_opt_name(opt));
	return -1;
}

static int
check_facility(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	int facility;

	if (text != NULL && parse_facility(text, &facility) == 0)
		return 0;
	report_place(cfg, REPORT_SYNTAX, "%s: unknown syslog facility %s",
	    cfg_opt_name(opt), text != NULL ? text : "");
	return -1;
}

static void
set_text(char **text, const char *value)
{
	if (value == NULL)
		return;
	free(*text);
	*text = xstrdup(value);
}

static void
set_count(cfg_t *cfg, const char *name, unsigned *count)
{
	if (cfg_size(cfg, name) > 0 && cfg_getint(cfg, name) >= 0)
		*count = (unsigned)cfg_getint(cfg, name);
}

static void
set_rate(cfg_t *cfg, const char *name, struct rate *rate)
{
	set_count(cfg, name, &rate->count);
	if (rate->count != LIMIT_UNSET)
		rate->seconds = 60;
}

static void
take_globals(struct globals *globals, cfg_t *cfg)
{
	const char *facility = cfg_getstr(cfg, "log_facility");

	set_text(&globals->pid_file, cfg_getstr(cfg, "pid_file"));
	set_text(&globals->control, cfg_getstr(cfg, "control"));
	set_text(&globals->control_group, cfg_getstr(cfg, "control_group"));
	if (facility != NULL && parse_facility(facility,
	    &globals->log.facility) == 0)
		globals->log.kind = LOG_TO_SYSLOG;
	set_count(cfg, "backlog", &globals->backlog);
	set_count(cfg, "max_children", &globals->max_children);
	set_count(cfg, "instances", &globals->limits.instances);
	set_count(cfg, "per_source", &globals->limits.per_source);
	set_rate(cfg, "rate", &globals->limits.rate);
	set_rate(cfg, "source_rate", &globals->limits.source_rate);
	if (cfg_getbool(cfg, "strict"))
		globals->strict = true;
}

static void
follow(struct loader *loader, cfg_t *cfg, const char *name,
    enum dialect dialect, const struct place *place)
{
	for (unsigned i = 0; i < cfg_size(cfg, name); i++)
		load_include(loader, cfg_getnstr(cfg, name, i), false,
		    dialect, place);
}

static void
follow_includes(struct loader *loader, cfg_t *cfg, const char *file)
{
	struct place place = { file, 0, 0 };

	follow(loader, cfg, "inetd_conf", DIALECT_INETD, &place);
	follow(loader, cfg, "xinetd_conf", DIALECT_XINETD, &place);
	follow(loader, cfg, "include", DIALECT_SUPERD, &place);
}

static int
parse(struct loader *loader, cfg_t *cfg, const struct source *source)
{
	FILE *text;
	int result;

	/* an empty buffer is an error to fmemopen(3), not to us */
	if (source->length == 0)
		return CFG_SUCCESS;
	text = fmemopen(source->text, source->length, "r");
	if (text == NULL)
		return CFG_FILE_ERROR;
	cfg->filename = xstrdup(source->name);	/* cfg_free() frees it */
	current = loader;
	result = cfg_parse_fp(cfg, text);
	current = NULL;
	fclose(text);
	return result;
}

static cfg_t *
new_cfg(void)
{
	static cfg_opt_t options[] = {
		CFG_STR("pid_file", NULL, CFGF_NODEFAULT),
		CFG_STR("control", NULL, CFGF_NODEFAULT),
		CFG_STR("control_group", NULL, CFGF_NODEFAULT),
		CFG_STR("log_facility", NULL, CFGF_NODEFAULT),
		CFG_INT("backlog", 0, CFGF_NODEFAULT),
		CFG_INT("rate", 0, CFGF_NODEFAULT),
		CFG_INT("source_rate", 0, CFGF_NODEFAULT),
		CFG_INT("instances", 0, CFGF_NODEFAULT),
		CFG_INT("per_source", 0, CFGF_NODEFAULT),
		CFG_INT("max_children", 0, CFGF_NODEFAULT),
		CFG_BOOL("strict", cfg_false, CFGF_NONE),
		CFG_STR_LIST("include", NULL, CFGF_NONE),
		CFG_STR_LIST("inetd_conf", NULL, CFGF_NONE),
		CFG_STR_LIST("xinetd_conf", NULL, CFGF_NONE),
		CFG_END()
	};
	static const char *const counts[] = { "backlog", "rate",
		"source_rate", "instances", "per_source", "max_children" };
	cfg_t *cfg = cfg_init(options, CFGF_NONE);

	cfg_set_error_function(cfg, on_error);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		cfg_set_validate_func(cfg, counts[i], check_count);
	cfg_set_validate_func(cfg, "log_facility", check_facility);
	return cfg;
}

void
superdconf_read(struct loader *loader, struct source *source)
{
	const char *file = conf_file(loader->conf, source->name);
	cfg_t *cfg;

	if (source_blank_comments(source, loader->reports) != 0)
		return;
	cfg = new_cfg();
	if (parse(loader, cfg, source) == CFG_SUCCESS) {
		take_globals(&loader->conf->globals, cfg);
		follow_includes(loader, cfg, file);
	}
	cfg_free(cfg);
}
