/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   native-host LIBRARY FOLDER SCENARIO     runs one scenario; 0 where all went well, 1 where not
 *   native-host --list                      names them
 *
 * FOLDER is an empty folder for the plugin to write to.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define HANGS_AFTER_SECONDS 240

const char *library_path;
const char *work_folder;

static const Scenario *const groups[] = {loading_scenarios, serving_scenarios, failure_scenarios, event_scenarios, thread_scenarios, archive_scenarios};

char *configuration_with(const char *members)
{
    Text text = {0};
    text_print(&text, "{\"Name\":\"host\",\"HttpCompressionEnabled\":false,\"AuthenticationEnabled\":false,\"ResponseCache\":{\"Archives\":true,");
    text_print(&text, "%s", members);
    const char *separator = *members == 0 ? "" : ",";
    if (strstr(members, "\"Directory\"") == NULL) {
        text_print(&text, "%s\"Directory\":\"%s/cache\"", separator, work_folder);
        separator = ",";
    }
    if (strstr(members, "\"WarmUp\"") == NULL) {
        text_print(&text, "%s\"WarmUp\":false", separator);
    }
    text_print(&text, "}}");
    return text.data;
}

void start(const char *version, const char *members)
{
    char *configuration = configuration_with(members);
    int code = plugin_initialize(version, configuration);
    if (code != 0) {
        fail("Initialize for version %s with %s answered %d", version, configuration, code);
        log_show();
        exit(1);
    }
    free(configuration);

    /* As a server does once it is up; until then a plugin cannot know which jobs of an earlier life run again. */
    plugin_change(OrthancChangeType_OrthancStarted, OrthancResourceType_None, NULL);
}

void stop(void)
{
    fault_clear();
    jobs_run_all();
    plugin_finalize();
    memory_expect_none("after Finalize");
}

static int list(void)
{
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        for (const Scenario *scenario = groups[i]; scenario->name != NULL; scenario++) {
            printf("%s\n", scenario->name);
        }
    }
    return 0;
}

static int run(const Scenario *scenario)
{
    alarm(HANGS_AFTER_SECONDS);
    archive_reset();
    core_reset();
    plugin_load(library_path);
    scenario->run();
    memory_expect_none("at the end");
    plugin_unload();
    if (failures() > 0) {
        log_show();
        printf("%s: %d failures\n", scenario->name, failures());
        return 1;
    }
    printf("%s: ok\n", scenario->name);
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--list") == 0) {
        return list();
    }
    if (count != 4) {
        fprintf(stderr, "usage: %s LIBRARY FOLDER SCENARIO | --list\n", arguments[0]);
        return 1;
    }
    library_path = arguments[1];
    work_folder = arguments[2];
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        for (const Scenario *scenario = groups[i]; scenario->name != NULL; scenario++) {
            if (strcmp(scenario->name, arguments[3]) == 0) {
                return run(scenario);
            }
        }
    }
    fprintf(stderr, "no scenario is called %s\n", arguments[3]);
    return 1;
}
