/*
 * Followers: clients that get each record as a line, until they leave.  One
 * that reads slowly loses lines, and is told how many.
 */
#include "superd/control/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "superd/control/request.h"
#include "superd/log/log.h"
#include "superd/running/records.h"

enum { FOLLOWERS_MAX = 4 };

struct follower {
	struct request *request;
	char *id; /* of the only service, or NULL */
	unsigned long long lost;
};

/* Of the log, which is one for the whole daemon. */
static struct follower *followers[FOLLOWERS_MAX];

static bool
say(struct follower *follower, const struct record *record)
{
	bool json = follower->request->json;
	char line[RECORD_MAX];
	size_t used = 0;
	time_t now = time(NULL);
	struct tm tm;

	if (!json && localtime_r(&now, &tm) != NULL)
		used = strftime(line, sizeof(line), "%H:%M:%S ", &tm);
	used += record_print(record, json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT,
	    true, line + used, sizeof(line) - 1 - used);
	line[used++] = '\n';
	line[used] = '\0';
	return control_say(follower->request, line);
}

/* Where lines are missing. */
static bool
say_lost(struct follower *follower)
{
	char text[64], number[24];
	const struct record_fact count = { .key = "count",
		.value = number,
		.length = (size_t)snprintf(number, sizeof(number), "%llu",
		    follower->lost),
		.number = true };
	const struct record_event event = { .name = "lost",
		.facts = &count,
		.count = 1,
		.message = "" };

	snprintf(text, sizeof(text), "lost count=%s", number);
	return say(follower,
	    &(struct record){ .priority = LOG_WARNING,
		.text = text,
		.event = &event });
}

static bool
wants(const struct follower *follower, const struct record *record)
{
	const struct record_event *event = record->event;

	if (follower->id == NULL)
		return true;
	return event != NULL && event->id != NULL &&
	    strcmp(event->id, follower->id) == 0;
}

static void
show_one(struct follower *follower, const struct record *record)
{
	if (follower->lost > 0 && say_lost(follower))
		follower->lost = 0;
	if (follower->lost > 0 || !say(follower, record))
		follower->lost++;
}

static void
show(void *arg, const struct record *record)
{
	(void)arg;
	for (size_t i = 0; i < FOLLOWERS_MAX; i++)
		if (followers[i] != NULL && wants(followers[i], record))
			show_one(followers[i], record);
}

/* Where this one is, or NULL is. */
static size_t
place_of(const struct follower *follower)
{
	size_t i = 0;

	while (i < FOLLOWERS_MAX && followers[i] != follower)
		i++;
	return i;
}

static void
unfollow(struct request *request)
{
	struct follower *follower = request->later;
	size_t left = 0;

	followers[place_of(follower)] = NULL;
	free(follower->id);
	free(follower);
	for (size_t i = 0; i < FOLLOWERS_MAX; i++)
		left += followers[i] != NULL;
	if (left == 0)
		log_follow(NULL, NULL);
}

/* NULL: there is no memory. */
static struct follower *
follower_new(struct request *request, const struct running *running)
{
	struct follower *follower = calloc(1, sizeof(*follower));

	if (follower == NULL)
		return NULL;
	follower->request = request;
	if (running != NULL && (follower->id = strdup(running->id)) == NULL) {
		free(follower);
		return NULL;
	}
	return follower;
}

enum control_exit
do_events(struct request *request)
{
	enum control_exit status = CONTROL_OK;
	const struct running *running = NULL;
	struct follower *follower;

	if (request->count > 1) {
		running = request_service(request, &status);
		if (running == NULL)
			return status;
	}
	if (place_of(NULL) == FOLLOWERS_MAX)
		return request_refuse(request, CONTROL_FAILED,
		    "events: %d follow already", FOLLOWERS_MAX);
	follower = follower_new(request, running);
	if (follower == NULL)
		return request_refuse(request, CONTROL_FAILED,
		    "events: out of memory");
	followers[place_of(NULL)] = follower;
	request->later = follower;
	request->unwanted = unfollow;
	control_follow(request);
	log_follow(show, NULL);
	return CONTROL_OK;
}

/* The level. */

enum control_exit
do_log_level(struct request *request)
{
	int priority = request->count > 1 ?
	    record_priority(request->words[1]) :
	    log_level_now();

	if (priority < 0)
		return request_refuse(request, CONTROL_USAGE,
		    "%s: expected debug, info, warning or error",
		    request->words[1]);
	if (request->count > 1 && request->right < RIGHT_ACT)
		return request_refuse(request, CONTROL_FAILED,
		    "log-level: permission denied: root may set it, and the "
		    "control_admin of superd.conf");
	log_level(priority);
	if (request->json) {
		json_open(&request->text, NULL, '{');
		json_string(&request->text, "level", record_level(priority));
		json_close(&request->text, '}');
		text_add(&request->text, "\n");
	} else
		text_add(&request->text, "%s\n", record_level(priority));
	return CONTROL_OK;
}
