/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sixteen clients at once, with and without somebody who changes the archive under them. Each answer carries the version that the core
 * made it from: it must be at least the one that had been made known when the request began. And which threads the core is asked on.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define THREADS 16
#define REQUESTS 400
#define CHANGES 300

static const char *const routes[4][3] = {{"shared-tags", "instances-tags", "attachments"},
                                         {"shared-tags", "archive", "instances-tags"},
                                         {"instances-tags", "media", "shared-tags"},
                                         {"tags", "file", "simplified-tags"}};

typedef struct Held {
    char tag[96];
    int version;
} Held;

static int version_in(const Response *response)
{
    int version = -1;
    const char *member = strstr(response->output->body.data, "version");
    if (member != NULL) {
        sscanf(member, "version%*[^0-9]%d", &version);
    }
    return version;
}

static void ask(unsigned *seed, Held held[])
{
    int resource = rand_r(seed) % resource_count;
    int route = rand_r(seed) % 3;
    Held *mine = &held[resource * 3 + route];
    char path[128];
    int level = resources[resource].level;
    snprintf(path, sizeof(path), "/%s/%s/%s", level_names[level], resources[resource].id, routes[level][route]);
    Request request = {.method = OrthancHttpMethod_Get, .path = path};
    bool conditional = mine->tag[0] != 0 && rand_r(seed) % 2 == 0;
    if (conditional) {
        request.headers[0][0] = "if-none-match";
        request.headers[0][1] = mine->tag;
    }

    int least = atomic_load(&resources[resource].published);
    Response response = perform(&request);
    if (response.status == 304) {
        if (!conditional) {
            fail("a 304 for %s, which nobody asked for", path);
        } else if (mine->version < least) {
            fail("a 304 for version %d of %s, when %d was known", mine->version, path, least);
        }
    } else if (response.status == 200) {
        int version = version_in(&response);
        if (version < least || strstr(response.output->body.data, resources[resource].id) == NULL) {
            fail("version %d of %s, when %d was known", version, path, least);
        }
        const char *tag = header_of(&response, "ETag");
        snprintf(mine->tag, sizeof(mine->tag), "%s", tag == NULL ? "" : tag);
        mine->version = version;
    } else if (response.status != 404) { /* a deleted instance */
        fail("%s has status %d", path, response.status);
    }
    response_free(&response);
}

static void *client(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument;
    Held *held = calloc((size_t)resource_count * 3, sizeof(Held));
    for (int i = 0; i < REQUESTS; i++) {
        ask(&seed, held);
    }
    free(held);
    return NULL;
}

/* The one who changes things. What is done is published when the server would have answered its client. */
static void *changer(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument;
    for (int i = 0; i < CHANGES; i++) {
        int instance = 6 + rand_r(&seed) % 7;
        if (rand_r(&seed) % 3 == 0 && !resources[instance].deleted) {
            char path[128];
            snprintf(path, sizeof(path), "/instances/%s", resources[instance].id);
            Request request = {.method = OrthancHttpMethod_Delete, .path = path};
            Response response = perform(&request);
            response_free(&response);
            archive_publish(instance);
            sched_yield();
            plugin_change(OrthancChangeType_Deleted, OrthancResourceType_Instance, resources[instance].id);
        } else {
            archive_overwrite(instance);
            plugin_stored(instance);
            archive_publish(instance);
            sched_yield();
            plugin_change(OrthancChangeType_NewInstance, OrthancResourceType_Instance, resources[instance].id);
        }
        if (i % 16 == 0 && registered.metrics != NULL) {
            registered.metrics();
        }
    }
    return NULL;
}

static void run_threads(const char *version, const char *members, bool with_changes)
{
    pthread_t threads[THREADS + 1];
    unsigned seed = 20230220;
    printf("seed %u\n", seed);
    archive_reset();
    start(version, members);
    int count = 0;
    for (; count < THREADS; count++) {
        pthread_create(&threads[count], NULL, client, (void *)(uintptr_t)(seed + (unsigned)count));
    }
    if (with_changes) {
        pthread_create(&threads[count++], NULL, changer, (void *)(uintptr_t)seed);
    }
    while (count > 0) {
        pthread_join(threads[--count], NULL);
    }
    stop();
}

static void threads(void)
{
    run_threads(DEFAULT_VERSION, "", false);
    run_threads("1.10.1", "\"CacheBinaries\": true", false);
}

static void threads_and_changes(void)
{
    run_threads(DEFAULT_VERSION, "", true);
    run_threads("1.10.1", "", true);
}

/* The same with time stamps that are long gone, so that answers are stored and validated between two changes. */
static void threads_and_settled_changes(void)
{
    archive_use_old_times(true);
    run_threads(DEFAULT_VERSION, "\"WarmUp\": true", true);
    run_threads("1.10.1", "\"CacheBinaries\": true", true);
    archive_use_old_times(false);
}

/* The thread on which the core is asked for what nothing is kept of. */
static int thread_of_miss(int resource, const char *route)
{
    char path[128];
    snprintf(path, sizeof(path), "/%s/%s/%s", level_names[resources[resource].level], resources[resource].id, route);
    atomic_store(&core_content_thread, 0);
    Response response = get(path);
    response_free(&response);
    int thread = atomic_load(&core_content_thread);
    if (thread == 0 || thread == gettid()) {
        fail("%s: asked on thread %d, called on thread %d", path, thread, gettid());
    }
    return thread;
}

/* There is one pool: a thread that is idle is used again, whatever is asked. */
static void threads_used_again(void)
{
    archive_reset();
    start(DEFAULT_VERSION, "\"WarmUp\": false");
    int first = thread_of_miss(1, "instances-tags");
    if (thread_of_miss(6, "tags") != first || thread_of_miss(3, "archive") != first || thread_of_miss(8, "file") != first) {
        fail("an idle thread is not used again");
    }
    stop();
}

const Scenario thread_scenarios[] = {
    {"threads", threads},
    {"threads-and-changes", threads_and_changes},
    {"threads-and-settled-changes", threads_and_settled_changes},
    {"threads-used-again", threads_used_again},
    {NULL, NULL},
};
