/*
 * From access rules to classic BPF.
 *
 * The rules of a family are sorted, networks before what lies in them.  For
 * one word of the address they cut its 2^32 values into segments: each has a
 * verdict, or depends on the next word.  A binary search finds the segment.
 *
 * The code is made from its end: what an instruction jumps to is there
 * already, so that its distance is known.
 */
#include "conf/filter.h"

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "conf/acl.h"
#include "conf/service.h"
#include "conf/xalloc.h"

enum {
	WORD_BITS = 32,
	NEAR = UINT8_MAX,
	VERSION_MASK = 0xf0,
	VERSION_4 = 0x40,
	VERSION_6 = 0x60,
	SOURCE_4 = 12,
	SOURCE_6 = 8
};

/* From its end: a label is the number of instructions from there on. */
struct code {
	struct filter *filter;
	unsigned length;
	unsigned verdicts[2]; /* labels; 0: none yet */
	bool overflow;
};

/* Of one family, and within it of one place in the tree of words. */
struct rules {
	const struct acl_rule *list;
	size_t count;
	bool otherwise; /* who matches none of them */
};

/* From start on, up to the next segment. */
struct segment {
	uint64_t start;
	struct rules below; /* by the next word, if there are any */
};

struct level {
	unsigned word;
	struct segment *list;
	size_t count;
};

/* Instructions. */

static unsigned
emit(struct code *code, unsigned op, unsigned jt, unsigned jf, uint32_t k)
{
	struct sock_filter *at;

	if (code->length == FILTER_MAX) {
		code->overflow = true;
		return code->length;
	}
	at = &code->filter->code[FILTER_MAX - ++code->length];
	at->code = (uint16_t)op;
	at->jt = (uint8_t)jt;
	at->jf = (uint8_t)jf;
	at->k = k;
	return code->length;
}

/* The label itself, or that of a long jump to it: one that more - 1 further
 * instructions still reach. */
static unsigned
nearby(struct code *code, unsigned label, unsigned more)
{
	if (code->length + more - label <= NEAR)
		return label;
	return emit(code, BPF_JMP | BPF_JA, 0, 0, code->length - label);
}

static unsigned
emit_branch(struct code *code, unsigned test, uint32_t k, unsigned yes,
    unsigned no)
{
	yes = nearby(code, yes, 1);
	no = nearby(code, no, 0);
	return emit(code, BPF_JMP | test | BPF_K, code->length - yes,
	    code->length - no, k);
}

static unsigned
emit_load(struct code *code, unsigned size, unsigned offset)
{
	return emit(code, BPF_LD | size | BPF_ABS, 0, 0,
	    (uint32_t)SKF_NET_OFF + offset);
}

static unsigned
emit_word(struct code *code, unsigned source, unsigned word)
{
	return emit_load(code, BPF_W,
	    source + word * (unsigned)sizeof(uint32_t));
}

static unsigned
emit_verdict(struct code *code, bool allow)
{
	unsigned *label = &code->verdicts[allow];

	if (*label == 0 || code->length - *label > NEAR)
		*label = emit(code, BPF_RET | BPF_K, 0, 0,
		    allow ? UINT32_MAX : 0);
	return *label;
}

/* Segments. */

static uint32_t
word_of(const struct acl_rule *rule, unsigned word)
{
	const uint8_t *p = &rule->prefix.bytes[word * sizeof(uint32_t)];

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static bool
same_verdict(const struct rules *a, const struct rules *b)
{
	return a->count == 0 && b->count == 0 && a->otherwise == b->otherwise;
}

/* What lies behind start is as below says, until another call says more. */
static void
cut(struct level *level, uint64_t start, const struct rules *below)
{
	if (start > UINT32_MAX)
		return;
	if (level->count > 0 && level->list[level->count - 1].start == start)
		level->count--;
	if (level->count > 0 &&
	    same_verdict(&level->list[level->count - 1].below, below))
		return;
	level->list[level->count].start = start;
	level->list[level->count++].below = *below;
}

/* Those that begin with one whole word. */
static size_t
cut_point(struct level *level, const struct acl_rule *rule, size_t count,
    const struct rules *around)
{
	uint32_t value = word_of(rule, level->word);
	struct rules below = { rule, 0, around->otherwise };
	size_t same = 1;

	while (same < count && word_of(&rule[same], level->word) == value)
		same++;
	below.count = same;
	if (rule->prefix.bits == (level->word + 1) * WORD_BITS) {
		below.otherwise = rule->allow;
		below.list++;
		below.count--;
	}
	cut(level, value, &below);
	cut(level, (uint64_t)value + 1, around);
	return same;
}

/* The first of count rules, and those within it: how many these are. */
static size_t
cut_rule(struct level *level, const struct acl_rule *rule, size_t count,
    const struct rules *around)
{
	unsigned end = (level->word + 1) * WORD_BITS;
	struct rules inside = { NULL, 0, rule->allow };
	uint64_t first = word_of(rule, level->word), past;
	size_t n = 1;

	if (rule->prefix.bits >= end)
		return cut_point(level, rule, count, around);
	past = first + (UINT64_C(1) << (end - rule->prefix.bits));
	cut(level, first, &inside);
	while (n < count && word_of(&rule[n], level->word) < past)
		n += cut_rule(level, &rule[n], count - n, &inside);
	cut(level, past, around);
	return n;
}

static void
cut_all(struct level *level, const struct rules *rules)
{
	const struct rules around = { NULL, 0, rules->otherwise };

	cut(level, 0, &around);
	for (size_t i = 0; i < rules->count;)
		i += cut_rule(level, &rules->list[i], rules->count - i,
		    &around);
}

/* The search. */

static unsigned search_word(struct code *, const struct rules *, unsigned word,
    unsigned source);

static unsigned
search(struct code *code, const struct level *level, size_t from, size_t to,
    unsigned source)
{
	size_t middle = (from + to) / 2;
	const struct segment *segment = &level->list[middle];
	unsigned below, above;

	if (code->overflow)
		return 0;
	if (to - from == 1)
		return search_word(code, &segment->below, level->word + 1,
		    source);
	above = search(code, level, middle, to, source);
	below = search(code, level, from, middle, source);
	return emit_branch(code, BPF_JGE, (uint32_t)segment->start, above,
	    below);
}

static unsigned
search_word(struct code *code, const struct rules *rules, unsigned word,
    unsigned source)
{
	struct level level = { .word = word };
	unsigned label;

	if (rules->count == 0)
		return emit_verdict(code, rules->otherwise);
	/* each rule begins and ends one, behind the first */
	level.list = xcalloc(2 * rules->count + 2, sizeof(*level.list));
	cut_all(&level, rules);
	label = search(code, &level, 0, level.count, source);
	if (level.count > 1)
		label = emit_word(code, source, word);
	free(level.list);
	return label;
}

static unsigned
search_family(struct code *code, const struct acl *acl, sa_family_t family)
{
	bool v6 = family == AF_INET6;
	struct rules rules = { .otherwise = !acl_requires_match(acl) };
	struct acl_rule *list;
	unsigned label;

	rules.count = acl_count(acl, family);
	rules.list = list = xcalloc(rules.count + 1, sizeof(*list));
	acl_rules(acl, family, list);
	label = search_word(code, &rules, 0, v6 ? SOURCE_6 : SOURCE_4);
	free(list);
	return label;
}

/* An IPv4 address within IPv6 belongs to a socket alone, ipv6(7): no packet
 * comes from one. */
static unsigned
refuse_mapped(struct code *code, unsigned honest)
{
	static const uint32_t mapped[] = { 0, 0, 0xffff };
	unsigned label = emit_verdict(code, false);

	for (unsigned word = 3; word-- > 0;) {
		emit_branch(code, BPF_JEQ, mapped[word], label, honest);
		label = emit_word(code, SOURCE_6, word);
	}
	return label;
}

static void
begin(struct code *code, unsigned v4, unsigned v6)
{
	unsigned label = emit_verdict(code, false);

	label = emit_branch(code, BPF_JEQ, VERSION_4, v4, label);
	emit_branch(code, BPF_JEQ, VERSION_6, v6, label);
	emit(code, BPF_ALU | BPF_AND | BPF_K, 0, 0, VERSION_MASK);
	emit_load(code, BPF_B, 0);
}

const char *
filter_make(const struct acl *acl, struct filter *filter)
{
	struct code code = { .filter = filter };
	unsigned v4, v6;

	filter->count = 0;
	if (acl_has_names(acl))
		return "the kernel checks the clients and cannot look up host "
		       "names";
	v6 = search_family(&code, acl, AF_INET6);
	v6 = refuse_mapped(&code, v6);
	v4 = search_family(&code, acl, AF_INET);
	begin(&code, v4, v6);
	if (code.overflow)
		return "the kernel checks the clients and the lists are too "
		       "long for it";
	filter->count = (unsigned short)code.length;
	memmove(filter->code, &filter->code[FILTER_MAX - code.length],
	    code.length * sizeof(*filter->code));
	return NULL;
}

const char *
filter_impossible(const struct service *service)
{
	struct filter filter;

	if (service->access.acl == NULL || !service_accepts_itself(service))
		return NULL;
	if (service->protocol != IPPROTO_TCP)
		return "the server accepts connections itself and the kernel "
		       "checks only TCP";
	return filter_make(service->access.acl, &filter);
}

void
filter_of(const struct service *service, struct filter *filter)
{
	filter->count = 0;
	/* superd sees the clients of all others itself */
	if (service->access.acl != NULL && service->family != FAMILY_UNIX &&
	    service->wait && service->internal == NULL)
		filter_make(service->access.acl, filter);
}
