/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <string.h>

#include "host.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Fault current;
static int uses;

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
        fault = current;
        uses++;
        if (current.remaining > 0) {
            current.remaining--;
        }
    }
    pthread_mutex_unlock(&mutex);
    return fault;
}
