/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "host.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Fault current;
static int uses;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static int hanging;
static bool released;

void fault_set(Fault fault)
{
    pthread_mutex_lock(&mutex);
    current = fault;
    uses = 0;
    pthread_mutex_unlock(&mutex);
}

void fault_clear(void)
{
    pthread_mutex_lock(&mutex);
    current = (Fault){0};
    pthread_mutex_unlock(&mutex);
}

int fault_uses(void)
{
    pthread_mutex_lock(&mutex);
    int count = uses;
    pthread_mutex_unlock(&mutex);
    return count;
}

Fault fault_take(OrthancService service, const char *path)
{
    Fault fault = {0};
    pthread_mutex_lock(&mutex);
    if (current.kind != FAULT_NONE && current.remaining != 0 && (current.service == 0 || current.service == service) &&
        (current.path == NULL || (path != NULL && strstr(path, current.path) != NULL))) {
        if (current.after > 0) {
            current.after--;
        } else {
            fault = current;
            uses++;
            if (current.remaining > 0) {
                current.remaining--;
            }
        }
    }
    pthread_mutex_unlock(&mutex);
    return fault;
}

void fault_hang(void)
{
    pthread_mutex_lock(&mutex);
    hanging++;
    pthread_cond_broadcast(&moved);
    while (!released) {
        pthread_cond_wait(&moved, &mutex);
    }
    hanging--;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&mutex);
}

bool fault_wait_for_hang(void)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_SECONDS;
    pthread_mutex_lock(&mutex);
    while (hanging == 0 && pthread_cond_timedwait(&moved, &mutex, &end) == 0) {
    }
    bool hangs = hanging > 0;
    pthread_mutex_unlock(&mutex);
    return hangs;
}

void fault_release(void)
{
    pthread_mutex_lock(&mutex);
    current = (Fault){0};
    released = true;
    pthread_cond_broadcast(&moved);
    while (hanging > 0) {
        pthread_cond_wait(&moved, &mutex);
    }
    released = false;
    pthread_mutex_unlock(&mutex);
}
