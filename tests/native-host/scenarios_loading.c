/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

const Scenario loading_scenarios[] = {
    {"names", names},
    {"old-server", old_server},
    {"disabled", disabled},
    {"wrong-configuration", wrong_configuration},
    {"misspelt-member", misspelt_member},
    {"repeated", repeated},
    {NULL, NULL},
};
