/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"

/* Everything that a server might report, and numbers that only later ones know. */
static void all_changes(void)
{
    static const char *const ids[] = {NULL, "", "nonsense", "11111111-eeeeeeee-11badcfe-11111118-33333333", "\xff"};
    start(DEFAULT_VERSION, "\"WarmUp\": true");
    for (int change = -2; change < 40; change++) {
        for (int level = -2; level < 9; level++) {
            for (size_t i = 0; i < COUNT_OF(ids); i++) {
                plugin_change(change, level, ids[i]);
            }
        }
    }
    if (registered.stored != NULL && registered.stored(NULL, NULL) != OrthancErrorCode_Success) {
        fail("a stored instance without an identifier is an error");
    }
    for (int method = -1; registered.filter != NULL && method < 9; method++) {
        if (registered.filter(method, "/instances", NULL, 0, NULL, NULL, 0, NULL, NULL) != 1 ||
            registered.filter(method, "", "", 0, NULL, NULL, 0, NULL, NULL) != 1) {
            fail("the filter does not let method %d pass", method);
        }
    }
    char path[128];
    snprintf(path, sizeof(path), "/studies/%s/shared-tags", resources[1].id);
    Request request = {.method = OrthancHttpMethod_Get, .path = path};
    Response response = perform(&request);
    expect_core_answer(&request, &response, "after all kinds of changes");
    response_free(&response);
    stop();
}

static const char *const watched[][2] = {{"patients", "shared-tags"}, {"studies", "instances-tags"}, {"studies", "attachments"},
                                         {"series", "shared-tags"},   {"instances", "tags"},         {"instances", "metadata"}};

/* The resources that instance 6 belongs to; itself only where it exists. */
static void for_watched(void (*action)(const Request *request, const char *when), const char *when)
{
    static const int examples[] = {0, 1, 3, 6};
    for (size_t i = 0; i < COUNT_OF(watched); i++) {
        for (int level = 0; level < 4; level++) {
            if (strcmp(watched[i][0], level_names[level]) == 0) {
                char path[128];
                snprintf(path, sizeof(path), "/%s/%s/%s", level_names[level], resources[examples[level]].id, watched[i][1]);
                Request request = {.method = OrthancHttpMethod_Get, .path = path};
                action(&request, when);
            }
        }
    }
}

static void be_hit(const Request *request, const char *when)
{
    bool settles = strstr(request->path, "/attachments") != NULL || strstr(request->path, "/metadata") != NULL;
    if (settles) { /* follow the epoch: whether they are hits is the plugin's choice */
        Response response = perform(request);
        expect_core_answer(request, &response, when);
        response_free(&response);
    } else {
        expect_hit_soon(request);
    }
}

/* Fresh now, with and without the validator of what a client holds from before. */
static void be_fresh(const Request *request, const char *when)
{
    for (int i = 0; i < 3; i++) {
        Response response = perform(request);
        expect_core_answer(request, &response, when);
        response_free(&response);
    }
}

static char *held_tags[COUNT_OF(watched)];
static int held_count;

static void hold_tag(const Request *request, const char *when)
{
    Response response = perform(request);
    expect_core_answer(request, &response, when);
    const char *tag = header_of(&response, "ETag");
    held_tags[held_count++] = tag == NULL ? NULL : strdup(tag);
    response_free(&response);
}

static void not_be_modified(const Request *request, const char *when)
{
    char *tag = held_tags[held_count++];
    if (tag == NULL) {
        return;
    }
    Request conditional = *request;
    conditional.headers[0][0] = "if-none-match";
    conditional.headers[0][1] = tag;
    Response response = perform(&conditional);
    if (response.status == 304) {
        fail("%s: %s answers 304 to an old ETag", when, request->path);
    } else {
        expect_core_answer(request, &response, when);
    }
    response_free(&response);
    free(tag);
}

static void changed(int instance, const char *when)
{
    held_count = 0;
    for_watched(not_be_modified, when);
    for_watched(be_fresh, when);
    (void)instance;
}

static void hold(const char *when)
{
    held_count = 0;
    for_watched(hold_tag, when);
}

static void report_new(int instance)
{
    plugin_change(OrthancChangeType_NewInstance, OrthancResourceType_Instance, resources[instance].id);
    for (int i = resources[instance].parent; i >= 0; i = resources[i].parent) {
        plugin_change(OrthancChangeType_NewChildInstance, resources[i].level, resources[i].id);
    }
}

static void delete_over_http(int instance)
{
    char path[128];
    snprintf(path, sizeof(path), "/instances/%s", resources[instance].id);
    Request request = {.method = OrthancHttpMethod_Delete, .path = path};
    Response response = perform(&request);
    if (response.status != 200) {
        fail("DELETE has status %d", response.status);
    }
    response_free(&response);
}

/*
 * Uploads, the second of them in the same second and of the same size, and a deletion whose event comes late. At no time may an answer
 * be older than the last change that was answered to its client.
 */
static void fresh(const char *version, const char *members)
{
    archive_reset();
    start(version, members);
    for_watched(be_hit, "before any change");
    hold("before any change");

    archive_overwrite(6);
    plugin_stored(6);
    changed(6, "after an upload, before its events");
    hold("after an upload");
    archive_overwrite(6);
    plugin_stored(6);
    changed(6, "after another upload in the same second");
    hold("after another upload");
    report_new(6);
    for_watched(be_fresh, "after the events of the uploads");
    for (int i = 0; i < held_count; i++) {
        free(held_tags[i]);
    }

    hold("before a deletion");
    delete_over_http(7); /* a sibling of 6 */
    held_count = 0;
    for_watched(be_fresh, "after a deletion, before its event");
    plugin_change(OrthancChangeType_Deleted, OrthancResourceType_Instance, resources[7].id);
    for_watched(be_fresh, "after the event of the deletion");
    delete_over_http(6);
    for_watched(be_fresh, "after its own deletion, before the event");
    plugin_change(OrthancChangeType_Deleted, OrthancResourceType_Instance, resources[6].id);
    for_watched(be_fresh, "after its own deletion");
    for (size_t i = 0; i < COUNT_OF(watched); i++) {
        free(held_tags[i]);
    }
    stop();
}

static void freshness(void)
{
    fresh("1.10.1", "");
    fresh(DEFAULT_VERSION, "");
    fresh("1.13.0", "\"SharedDatabase\": true");
}

/* A text of more than 2 GiB, out of a few pages again and again: nothing that the plugin reads texts with takes it. */
static char *unreadable_text(void)
{
    const size_t piece = 64u << 20, pieces = 33, page = 4096;
    int file = memfd_create("text", 0);
    char *text = mmap(NULL, piece * pieces + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (file < 0 || ftruncate(file, (off_t)piece) != 0 || text == MAP_FAILED) {
        abort();
    }
    for (size_t i = 0; i < pieces; i++) {
        if (mmap(text + i * piece, piece, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
            abort();
        }
    }
    memset(text, 'a', piece);
    close(file);
    return text;
}

/* Something is told in a way that makes the plugin fail: it cannot know what changed, so nothing that it holds may be current. */
static void unreadable(const char *version, int how)
{
    static const char *const ways[] = {"an unreadable Deleted", "a Deleted of nothing", "an unreadable DELETE", "an unreadable stored instance",
                                       "an unreadable job"};
    static char *text;
    text = text == NULL ? unreadable_text() : text;
    archive_reset();
    archive_use_old_times(true);
    start(version, "");
    for_watched(be_hit, "before the change");
    switch (how) {
    case 0:
        archive_delete(7); /* a sibling of 6 */
        registered.change(OrthancChangeType_Deleted, OrthancResourceType_Instance, text);
        break;
    case 1:
        archive_delete(7);
        registered.change(OrthancChangeType_Deleted, OrthancResourceType_Instance, "");
        break;
    case 2:
        registered.filter(OrthancHttpMethod_Delete, text, "127.0.0.1", 0, NULL, NULL, 0, NULL, NULL);
        archive_delete(7);
        break;
    case 3:
        archive_overwrite(6);
        registered.stored(NULL, text);
        break;
    default:
        registered.change(OrthancChangeType_JobSubmitted, OrthancResourceType_None, text);
        archive_delete(7);
        break;
    }
    for_watched(be_fresh, ways[how]);
    if (how == 2 || how == 4) { /* it may still be running */
        archive_delete(8);
        for_watched(be_fresh, ways[how]);
    }
    stop();
    archive_use_old_times(false);
}

static void unreadable_events(void)
{
    for (int how = 0; how < 5; how++) {
        unreadable("1.10.1", how);
        unreadable(DEFAULT_VERSION, how);
    }
}

static void metrics(void)
{
    static const char *const versions[] = {"1.10.1", DEFAULT_VERSION};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        start(versions[i], "");
        int before = atomic_load(&metrics_set);
        if (registered.metrics == NULL) {
            fail("no metrics callback is registered");
        } else {
            registered.metrics();
            if (atomic_load(&metrics_set) == before) {
                fail("the metrics callback sets no metric");
            }
        }
        stop();
    }
}

const Scenario event_scenarios[] = {
    {"all-changes", all_changes},
    {"freshness", freshness},
    {"unreadable-events", unreadable_events},
    {"metrics", metrics},
    {NULL, NULL},
};
