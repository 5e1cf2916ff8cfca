/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

static void expect_nothing_registered(const char *when)
{
    if (registered.route_count != 0 || registered.change != NULL || registered.stored != NULL || registered.filter != NULL ||
        registered.metrics != NULL || registered.unserializer != NULL) {
        fail("%s: something was registered", when);
    }
}

static void names(void)
{
    if (strcmp(plugin_name(), "response-cache") != 0) {
        fail("the plugin calls itself %s", plugin_name());
    }
    int major, minor, revision;
    if (strcmp(plugin_version(), "mainline") != 0 && sscanf(plugin_version(), "%d.%d.%d", &major, &minor, &revision) != 3) {
        fail("the plugin's version is %s", plugin_version());
    }
    start(DEFAULT_VERSION, "");
    stop();
    if (strcmp(plugin_name(), "response-cache") != 0) { /* the server asks after Finalize, too */
        fail("after Finalize the plugin calls itself %s", plugin_name());
    }
}

/* A server that is too old gets one error line and a refusal. */
static void old_server(void)
{
    static const char *const refused[] = {"1.9.7", "1.9.99", "0.9.6", "1.2", "nonsense", ""};
    static const char *const served[] = {"1.10.0", "1.10.1", "1.11.3", "1.12.7", "1.13.0", "2.0.0", "mainline"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        log_clear();
        char *configuration = configuration_with("");
        if (plugin_initialize(refused[i], configuration) == 0) {
            fail("version \"%s\" is served", refused[i]);
            plugin_finalize();
        } else {
            expect_nothing_registered(refused[i]);
        }
        if (log_count('E', "") != 1) {
            fail("version \"%s\" gets %d error lines instead of one", refused[i], log_count('E', ""));
        }
        memory_expect_none(refused[i]);
        services_stop();
        free(configuration);
    }
    for (size_t i = 0; i < COUNT_OF(served); i++) {
        start(served[i], "");
        Response response = get("/statistics");
        response_free(&response);
        if (registered.route_count == 0 || registered.change == NULL || registered.stored == NULL || registered.filter == NULL) {
            fail("version %s: %d routes, and a callback is missing", served[i], registered.route_count);
        }
        stop();
    }
}

static void disabled(void)
{
    start(DEFAULT_VERSION, "\"Enable\": false");
    expect_nothing_registered("Enable: false");
    if (log_count('E', "") != 0) {
        fail("Enable: false logs an error");
    }
    plugin_change(OrthancChangeType_NewInstance, OrthancResourceType_Instance, resources[6].id);
    Response response = get("/");
    response_free(&response);
    stop();
}

static void wrong_configuration(void)
{
    static const char *const wrong[][2] = {
        {"Enable", "\"yes\""},        {"Enable", "1"},          {"Directory", "5"},          {"Directory", "[]"},
        {"MaximumSize", "\"big\""},   {"MaximumSize", "-1"},    {"MaximumSize", "1e99"},     {"MaximumSize", "null"},
        {"MemorySize", "-5"},         {"MemorySize", "true"},   {"ExpirationDays", "\"7\""}, {"ExpirationDays", "-1"},
        {"CacheControl", "7"},        {"WarmUp", "\"no\""},     {"WarmUpRoutes", "\"tags\""}, {"WarmUpRoutes", "[1]"},
        {"CacheBinaries", "\"on\""},  {"SharedDatabase", "{}"}, {"ExpirationDays", "1.5"},   {"CacheControl", "\"a\\r\\nX-Evil: 1\""},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char members[128];
        snprintf(members, sizeof(members), "\"%s\": %s", wrong[i][0], wrong[i][1]);
        log_clear();
        char *configuration = configuration_with(members);
        if (plugin_initialize(DEFAULT_VERSION, configuration) == 0) {
            fail("%s is taken", members);
            plugin_finalize();
        } else {
            expect_nothing_registered(members);
        }
        if (log_count('E', wrong[i][0]) != 1) {
            fail("%s: %d error lines name the member instead of one", members, log_count('E', wrong[i][0]));
        }
        memory_expect_none(members);
        services_stop();
        free(configuration);
    }
    static const char *const sections[] = {"{\"ResponseCache\": 5}", "{\"ResponseCache\": [true]}", "{\"ResponseCache\": \"on\"}"};
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        if (plugin_initialize(DEFAULT_VERSION, sections[i]) == 0) {
            fail("%s is taken", sections[i]);
            plugin_finalize();
        }
        services_stop();
    }
}

static void misspelt_member(void)
{
    start(DEFAULT_VERSION, "\"MaximumSzie\": 5");
    if (log_count('W', "MaximumSzie") != 1) {
        fail("%d warnings name the misspelt member", log_count('W', "MaximumSzie"));
    }
    stop();
}

/* POST /tools/reset: the same process, again and again; a server may also close the library in between. */
static void repeated(void)
{
    for (int i = 0; i < 12; i++) {
        start(i % 2 == 0 ? "1.10.1" : DEFAULT_VERSION, "");
        char path[128];
        snprintf(path, sizeof(path), "/series/%s/shared-tags", resources[3].id);
        Request request = {.method = OrthancHttpMethod_Get, .path = path};
        Response response = perform(&request);
        expect_core_answer(&request, &response, "after a new Initialize");
        response_free(&response);
        stop();
        if (i % 3 == 2) {
            plugin_unload();
            plugin_load(library_path);
        }
    }
}

#define LONGEST_FINALIZE_SECONDS 8 /* Docker kills after ten */

static const char job_id[] = "6cd0b5e4-0a3b-4c7e-9a3f-1d2c3b4a5f60";

/* A thread of the server that answers a request; the plugin may be finalized meanwhile. */
static void *ask_for_a_series(void *path)
{
    Response response = get(path);
    response_free(&response);
    return NULL;
}

typedef struct Hang {
    const char *what;
    OrthancService service;
    const char *path;
    const char *members;
} Hang;

static const Hang hangs[] = {
    {"the question of the start", OrthancService_CallRestApi, "/jobs?expand", ""},
    {"a warm-up", OrthancService_CallRestApi, "/studies/", "\"WarmUp\": true, \"WarmUpThreads\": 3"},
    {"the question about a canceled job", OrthancService_CallRestApi, job_id, ""},
    {"a request", OrthancService_CallRestApi, "shared-tags", ""},
    {"the log", OrthancService_LogMessage, NULL, ""},
};

/* What makes one of the plugin's threads call the service that hangs. */
static bool provoke(const Hang *hang, pthread_t *client, char path[128])
{
    Request cancel = {.method = OrthancHttpMethod_Post, .path = path, .body = "{}"};
    Response response;
    switch (hang - hangs) {
    case 1:
        plugin_change(OrthancChangeType_StableStudy, OrthancResourceType_Study, resources[1].id);
        break;
    case 2:
        snprintf(path, 128, "/jobs/%s/cancel", job_id);
        response = perform(&cancel);
        response_free(&response);
        break;
    case 3:
        /* Not the series that a life before this one has stored: that would be a hit as soon as the disk cache is open. */
        snprintf(path, 128, "/series/%s/shared-tags", resources[4].id);
        return pthread_create(client, NULL, ask_for_a_series, path) == 0;
    default:
        break;
    }
    return false;
}

/* Orthanc does not come back from a call while it finalizes the plugin, and does in the next life of the plugin, or after the last one. */
static void finalize_while_it_hangs(const Hang *hang, bool again)
{
    char path[128];
    pthread_t client;
    struct timespec began, ended;
    archive_use_old_times(true);
    fault_set((Fault){.kind = FAULT_HANG, .service = hang->service, .path = hang->path, .remaining = -1});
    start(DEFAULT_VERSION, hang->members);
    bool has_client = provoke(hang, &client, path);
    if (!fault_wait_for_hang()) {
        fail("nobody hangs in %s", hang->what);
    }
    clock_gettime(CLOCK_MONOTONIC, &began);
    plugin_finalize();
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (ended.tv_sec - began.tv_sec > LONGEST_FINALIZE_SECONDS) {
        fail("Finalize took %ld s while %s hung", (long)(ended.tv_sec - began.tv_sec), hang->what);
    }
    fault_clear();
    if (again) {
        start(DEFAULT_VERSION, "");
    }
    fault_release();
    if (has_client) {
        pthread_join(client, NULL);
    }
    if (!again) {
        start(DEFAULT_VERSION, "");
    }
    char other[128];
    snprintf(other, sizeof(other), "/series/%s/shared-tags", resources[3].id);
    Request request = {.method = OrthancHttpMethod_Get, .path = other};
    expect_hit_soon(&request); /* by then, who was left behind has done what it does */
    stop();
    archive_use_old_times(false);
}

static void finalize_while_the_server_hangs(void)
{
    for (size_t i = 0; i < COUNT_OF(hangs); i++) {
        finalize_while_it_hangs(&hangs[i], false);
        finalize_while_it_hangs(&hangs[i], true);
    }
}

const Scenario loading_scenarios[] = {
    {"names", names},
    {"old-server", old_server},
    {"disabled", disabled},
    {"wrong-configuration", wrong_configuration},
    {"misspelt-member", misspelt_member},
    {"repeated", repeated},
    {"finalize-while-the-server-hangs", finalize_while_the_server_hangs},
    {NULL, NULL},
};
