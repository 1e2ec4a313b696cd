/*
 * A conf as superd.conf text: one section per service, in which everything
 * stands that differs from what superd does anyway.  What the readers found
 * out by asking the host (ids, groups) is left out where the name stands.
 */
#include "conf/print.h"

#include "conf/output.h"
#include "conf/service.h"
#include "conf/type.h"

/* owner: a service or globals; at: where the member stands in it. */
static void
print_option(struct output *out, const struct attribute *attribute,
    const void *owner, size_t at)
{
	out->attribute = attribute;
	if (attribute->in_box != NOWHERE) {
		owner = out->service != NULL ? out->service->command.box : NULL;
		at = attribute->in_box;
	}
	if (attribute->type->print != NULL && owner != NULL)
		attribute->type->print(out,
		    (const char *)owner + (at != NOWHERE ? at : 0));
}

static void
print_place(const struct output *out, const struct place *place)
{
	if (place->file == NULL)
		return;
	fputs("# ", out->file);
	print_quoted(out, place->file);
	fprintf(out->file, ", line %u\n", place->line);
}

void
conf_print_lines(const struct service *service, const struct globals *globals,
    FILE *file, const char *indent)
{
	struct output out = { file, indent, service, globals, NULL };

	for (unsigned i = 0; i < OPTIONS; i++)
		if (attributes[i].where != IN_GLOBAL)
			print_option(&out, &attributes[i], service,
			    attributes[i].in_service);
}

static void
print_service(FILE *file, const struct service *service,
    const struct globals *globals)
{
	const struct output out = { .file = file };

	fputs("service ", file);
	print_quoted(&out, service->id);
	fputs(" {\n", file);
	conf_print_lines(service, globals, file, "\t");
	fputs("}\n", file);
}

static void
print_globals(FILE *file, const struct globals *globals)
{
	struct globals none = { .backlog = LIMIT_UNSET,
		.max_children = LIMIT_UNSET,
		.max_connections = LIMIT_UNSET,
		.internal_processes = 1 };
	struct output out = { file, "", NULL, &none, NULL };

	limits_unset(&none.limits);
	for (unsigned i = 0; i < OPTIONS; i++)
		if (attributes[i].where & IN_GLOBAL)
			print_option(&out, &attributes[i], globals,
			    attributes[i].in_globals);
}

void
conf_print(const struct conf *conf, FILE *file)
{
	const struct output out = { file, "", NULL, &conf->globals, NULL };

	print_globals(file, &conf->globals);
	for (size_t i = 0; i < conf->count; i++) {
		const struct service *service = conf->services[i];

		fputc('\n', file);
		print_place(&out, &service->place);
		if (!service->unservable) {
			print_service(file, service, &conf->globals);
			continue;
		}
		fputs("# ", file);
		print_quoted(&out, service->id);
		fputs(" cannot be served\n", file);
	}
}
