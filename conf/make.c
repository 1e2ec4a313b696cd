/*
 * From drafts to the model: each option that stands for a member, then what
 * they mean together.
 */
#include "conf/make.h"

#include <string.h>

#include "conf/box.h"
#include "conf/copy.h"
#include "conf/make_own.h"
#include "conf/service.h"
#include "conf/type.h"
#include "conf/units.h"

/* Applying. */

/* A service has a box once something is said of it. */
static char *
box_of(struct service *service)
{
	if (service == NULL)
		abort(); /* it stands in no globals */
	if (service->command.box == NULL)
		service->command.box = xcalloc(1, sizeof(struct box));
	return (char *)service->command.box;
}

/* A box that asks for nothing is none. */
static void
settle_box(struct service *service)
{
	static const struct box nothing, fallback = { .fallback = true };
	const struct box *box = service->command.box;

	if (box == NULL ||
	    (!box_equal(box, &nothing) && !box_equal(box, &fallback)))
		return;
	box_free(service->command.box);
	service->command.box = NULL;
}

static void *
target_of(struct build *build, const struct attribute *attribute)
{
	bool service = build->service != NULL;
	char *owner = service ? (char *)build->service : (char *)build->globals;
	size_t at = service ? attribute->in_service : attribute->in_globals;

	if (attribute->in_box != NOWHERE)
		return box_of(build->service) + attribute->in_box;
	return owner + (at != NOWHERE ? at : 0);
}

static void
apply(struct build *build, enum option_id id)
{
	const struct attribute *attribute = build->attribute = &attributes[id];

	build->setting = setting(build, id);
	if (build->setting->set && attribute->type->set != NULL)
		attribute->type->set(build, target_of(build, attribute));
}

/* Resource limits are a list in the model: it has the order of the lines. */
static void
apply_rlimits(struct build *build)
{
	bool done[OPTIONS] = { false };
	const struct setting *settings = build->draft->settings;
	size_t next;

	do {
		next = OPTIONS;
		for (size_t i = OPTION_RLIMIT_AS; i <= OPTION_RLIMIT_STACK; i++)
			if (settings[i].set && !done[i] &&
			    (next == OPTIONS ||
				settings[i].sequence < settings[next].sequence))
				next = i;
		if (next != OPTIONS) {
			done[next] = true;
			apply(build, (enum option_id)next);
		}
	} while (next != OPTIONS);
}

static void
apply_all(struct build *build)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (i < OPTION_RLIMIT_AS || i > OPTION_RLIMIT_STACK)
			apply(build, (enum option_id)i);
	apply_rlimits(build);
	if (build->service != NULL)
		settle_box(build->service);
	build->attribute = NULL;
}

/* Together. */

static void
complete(struct build *build)
{

	make_socket(build);
	make_server(build);
	make_proxy(build);
	make_only(build);
	if (build->manner->as_xinetd)
		xinetd_notes(build);
	rules_check(build);
}

/* The reports are nobody's yet. */
static void
complete_apart(struct build *build, struct reports *reports)
{
	struct loader *loader = build->loader, own = *loader;

	reports_init(reports);
	own.reports = reports;
	build->loader = &own;
	complete(build);
	build->loader = loader;
}

/* What a disabled service lacks on this host, nobody wants to hear about;
 * what has no meaning is reported all the same. */
static void
complete_disabled(struct build *build)
{
	struct reports reports;

	complete_apart(build, &reports);
	for (size_t i = 0; i < reports.count; i++)
		if (reports.list[i].level == REPORT_SYNTAX)
			report_add(build->loader->reports, REPORT_SYNTAX,
			    &reports.list[i].place, "%s", reports.list[i].text);
	build->service->unservable = reports_at_least(&reports, REPORT_SYNTAX) >
		0 ||
	    build->bad;
	build->service->retry = false;
	reports_free(&reports);
}

/* A line of xinetd.conf that could not be read is missed here, and was told
 * already. */
static void
complete_broken(struct build *build)
{
	struct reports unheard;

	complete_apart(build, &unheard);
	reports_free(&unheard);
}

/* The title may be an id such as "ftp/tcp". */
static void
complete_names(struct service *service)
{
	if (service->id == NULL) /* reported */
		service->id = xstrdup(
		    service->name != NULL ? service->name : "");
	if (service->name == NULL)
		service->name = is_path(service->id) ?
		    xstrdup(service->id) :
		    xstrndup(service->id, strcspn(service->id, "/"));
}

struct service *
service_make(struct loader *loader, enum dialect dialect,
    const struct draft *draft, const struct place *place, bool bad)
{
	struct service *service = service_new();
	struct build build = { .loader = loader,
		.manner = manner_of(dialect),
		.draft = draft,
		.service = service,
		.bad = bad };

	service->dialect = dialect;
	service->place = *place;
	service->unservable = bad;
	apply_all(&build);
	complete_names(service);
	if (service->disabled)
		complete_disabled(&build);
	else if (bad && build.manner->as_xinetd)
		complete_broken(&build);
	else
		complete(&build);
	conf_add(loader->conf, service);
	if (loader->context->drafted != NULL)
		loader->context->drafted(loader->context->drafted_arg, service,
		    draft);
	return service;
}

void
defaults_check(struct loader *loader, enum dialect dialect,
    const struct draft *draft)
{
	struct build build = { .loader = loader,
		.manner = manner_of(dialect),
		.draft = draft,
		.service = service_new(),
		.defaults = true };

	apply_all(&build);
	socket_defaults(&build);
	server_defaults(&build);
	service_free(build.service);
}

void
globals_make(struct loader *loader, const struct draft *draft)
{
	struct build build = { .loader = loader,
		.manner = manner_of(DIALECT_SUPERD),
		.draft = draft,
		.globals = &loader->conf->globals };

	apply_all(&build);
}
