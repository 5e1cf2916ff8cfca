/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counts what the plugin has to free. An address is looked up before it is touched, so a stray or doubled Free is a line of text and
 * not a crash; freed memory is overwritten and kept for a while, so that whoever still reads it reads rubbish.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

#define QUARANTINE 256

typedef struct Block {
    struct Block *next, *previous;
    size_t size;
    bool late; /* handed out after Finalize */
    char data[] __attribute__((aligned(16)));
} Block;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Block *live;
static int live_count;
static Block *quarantine[QUARANTINE];
static int quarantine_position;
static _Thread_local const NativeContext *context_of_thread;

void *memory_hand_out(size_t size)
{
    Block *block = malloc(sizeof(Block) + size + 1);
    if (block == NULL) {
        abort();
    }
    memset(block->data, 0xCD, size + 1);
    block->size = size;
    block->late = context_of_thread != NULL && context_of_thread->pluginsManager == NULL;
    block->previous = NULL;
    pthread_mutex_lock(&mutex);
    block->next = live;
    if (live != NULL) {
        live->previous = block;
    }
    live = block;
    live_count += block->late ? 0 : 1;
    pthread_mutex_unlock(&mutex);
    return block->data;
}

char *memory_hand_out_text(const char *text)
{
    size_t size = strlen(text);
    char *copy = memory_hand_out(size);
    memcpy(copy, text, size + 1);
    return copy;
}

/* Null where the plugin does not own it. */
static Block *take(const void *address)
{
    Block *block = live;
    while (block != NULL && block->data != address) {
        block = block->next;
    }
    if (block != NULL) {
        if (block->previous != NULL) {
            block->previous->next = block->next;
        } else {
            live = block->next;
        }
        if (block->next != NULL) {
            block->next->previous = block->previous;
        }
        live_count -= block->late ? 0 : 1;
    }
    return block;
}

static void release(void *address, const char *how)
{
    if (address == NULL) {
        return; /* as free() */
    }
    pthread_mutex_lock(&mutex);
    Block *block = take(address);
    Block *oldest = NULL;
    bool late = block != NULL && block->late; /* another thread may free it behind the lock */
    if (block != NULL) {
        memset(block->data, 0xDD, block->size + 1);
        oldest = quarantine[quarantine_position];
        quarantine[quarantine_position] = block;
        quarantine_position = (quarantine_position + 1) % QUARANTINE;
    }
    pthread_mutex_unlock(&mutex);
    free(oldest);
    if (late) {
        fail("%s of what came after Finalize", how);
    }
    if (block == NULL) {
        fail("%s of %p, which the plugin does not own (freed twice, or never handed out)", how, address);
    }
}

void memory_free(void *address)
{
    release(address, "Free");
}

void memory_retain(void *address)
{
    release(address, "hand-over");
}

void memory_is_of(const NativeContext *context)
{
    context_of_thread = context;
}

void memory_outlives_plugin(void)
{
    pthread_mutex_lock(&mutex);
    for (Block *block = live; block != NULL; block = block->next) {
        block->late = true;
    }
    live_count = 0;
    pthread_mutex_unlock(&mutex);
}

static int count_live(size_t *size)
{
    pthread_mutex_lock(&mutex);
    int count = live_count;
    *size = live == NULL ? 0 : live->size;
    pthread_mutex_unlock(&mutex);
    return count;
}

void memory_expect_none(const char *when)
{
    size_t size;
    int count = count_live(&size);
    if (count != 0) {
        fail("%s: %d buffers or texts are not freed; the last has %zu bytes", when, count, size);
    }
}

void memory_expect_none_soon(const char *when)
{
    static bool gave_up;
    struct timespec pause = {.tv_nsec = 1000000};
    time_t end = time(NULL) + PATIENCE_SECONDS;
    size_t size;
    while (!gave_up && count_live(&size) != 0) {
        nanosleep(&pause, NULL);
        gave_up = time(NULL) > end; /* one wait is enough to fail */
    }
    memory_expect_none(when);
}
