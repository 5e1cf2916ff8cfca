/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One patient, two studies, three series, seven instances. Each change moves the versions of the instance and all its parents; what the
 * core answers has the version in it, so that a stale answer shows.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host.h"

#define LONG_AGO "20230220T140000"

const char *const level_names[4] = {"patients", "studies", "series", "instances"};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int change_number;
static bool old_times;
static long file_size;

#define SMALL_FILE 10000

/* Level and parent of each; parents first. */
static const int shape[][2] = {{PATIENT, -1}, {STUDY, 0},    {STUDY, 0},    {SERIES, 1},   {SERIES, 1},   {SERIES, 2},  {INSTANCE, 3},
                               {INSTANCE, 3}, {INSTANCE, 3}, {INSTANCE, 4}, {INSTANCE, 4}, {INSTANCE, 5}, {INSTANCE, 5}};

Resource resources[COUNT_OF(shape)];
const int resource_count = COUNT_OF(shape);

void archive_reset(void)
{
    pthread_mutex_lock(&mutex);
    change_number = 100;
    file_size = SMALL_FILE;
    for (int i = 0; i < resource_count; i++) {
        Resource *resource = &resources[i];
        unsigned number = 0x11111111u * (unsigned)(i + 1);
        resource->level = shape[i][0];
        resource->parent = shape[i][1];
        snprintf(resource->id, sizeof(resource->id), "%08x-%08x-%08x-%08x-%08x", number, ~number, number ^ 0xabcdef, number + 7,
                 number * 3);
        atomic_store(&resource->version, 1);
        atomic_store(&resource->published, 1);
        strcpy(resource->last_update, LONG_AGO);
        resource->deleted = false;
    }
    pthread_mutex_unlock(&mutex);
}

static bool is_below(int resource, int ancestor)
{
    while (resource >= 0 && resource != ancestor) {
        resource = resources[resource].parent;
    }
    return ancestor < 0 || resource == ancestor;
}

bool archive_is_below(int resource, int ancestor)
{
    return is_below(resource, ancestor);
}

int archive_find(int level, const char *id)
{
    int found = -1;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < resource_count; i++) {
        if (resources[i].level == level && !resources[i].deleted && strcmp(resources[i].id, id) == 0) {
            found = i;
        }
    }
    pthread_mutex_unlock(&mutex);
    return found;
}

int archive_count(int ancestor, int level)
{
    int count = 0;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < resource_count; i++) {
        count += resources[i].level == level && !resources[i].deleted && is_below(i, ancestor) ? 1 : 0;
    }
    pthread_mutex_unlock(&mutex);
    return count;
}

long archive_bytes(int ancestor)
{
    long bytes = 0;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < resource_count; i++) {
        if (resources[i].level == INSTANCE && !resources[i].deleted && is_below(i, ancestor)) {
            bytes += file_size + i;
        }
    }
    pthread_mutex_unlock(&mutex);
    return bytes;
}

int archive_last_change(void)
{
    pthread_mutex_lock(&mutex);
    int number = change_number;
    pthread_mutex_unlock(&mutex);
    return number;
}

void archive_read(int resource, char last_update[16], char md5[33])
{
    pthread_mutex_lock(&mutex);
    memcpy(last_update, resources[resource].last_update, 16);
    snprintf(md5, 33, "%024x%08x", resource, (unsigned)atomic_load(&resources[resource].version));
    pthread_mutex_unlock(&mutex);
}

static void touch(int instance, bool times)
{
    struct tm parts;
    change_number++;
    time_t now = old_times ? 1700000000 + change_number : time(NULL);
    gmtime_r(&now, &parts);
    for (int i = instance; i >= 0; i = resources[i].parent) {
        atomic_fetch_add(&resources[i].version, 1);
        if (times) {
            strftime(resources[i].last_update, sizeof(resources[i].last_update), "%Y%m%dT%H%M%S", &parts);
        }
    }
}

void archive_use_files_of(long size)
{
    pthread_mutex_lock(&mutex);
    file_size = size == 0 ? SMALL_FILE : size;
    pthread_mutex_unlock(&mutex);
}

void archive_use_old_times(bool use)
{
    old_times = use;
}

void archive_overwrite(int instance)
{
    pthread_mutex_lock(&mutex);
    resources[instance].deleted = false;
    touch(instance, true);
    pthread_mutex_unlock(&mutex);
}

void archive_delete(int instance)
{
    bool times = services_version_is(1, 12, 1);
    pthread_mutex_lock(&mutex);
    resources[instance].deleted = true;
    touch(instance, times);
    pthread_mutex_unlock(&mutex);
}

void archive_publish(int instance)
{
    for (int i = instance; i >= 0; i = resources[i].parent) {
        int version = atomic_load(&resources[i].version);
        int known = atomic_load(&resources[i].published);
        while (known < version && !atomic_compare_exchange_weak(&resources[i].published, &known, version)) {
        }
    }
}
