/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit of a miss: what it costs that a plugin stands between a client and the core at all. It takes over three of the routes, asks the
 * core for each request and answers what it said. It looks at nothing, adds nothing and keeps nothing.
 *
 * With FORWARDING_PLUGIN_THREADS=1 in the environment it asks on threads with 4 MiB of stack, as a plugin must that wants to be safe: the
 * threads of Orthanc's HTTP server have 100 KiB (civetweb 1.15), of which an archive takes 71 without any plugin.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orthanc_plugin_abi.h"

static NativeContext *context;
static int hasThreads;

static OrthancErrorCode ask(CallRestApiParameters *question) {
    return context->InvokeService(context, OrthancService_CallRestApi, question);
}

/* A thread that asks for others; idle ones are kept in a list, and none ever ends. */
typedef struct Worker {
    struct Worker *next;
    sem_t go, done;
    CallRestApiParameters *question;
    OrthancErrorCode code;
} Worker;

static Worker *idle;
static pthread_mutex_t idleLock = PTHREAD_MUTEX_INITIALIZER;

static void pass(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0) {
    }
}

static void *work(void *argument) {
    Worker *worker = argument;
    for (;;) {
        pass(&worker->go);
        worker->code = ask(worker->question);
        sem_post(&worker->done);
    }
    return NULL;
}

static Worker *createWorker(void) {
    Worker *worker = calloc(1, sizeof *worker);
    pthread_attr_t attributes;
    pthread_t thread;
    if (worker == NULL || sem_init(&worker->go, 0, 0) != 0 || sem_init(&worker->done, 0, 0) != 0 || pthread_attr_init(&attributes) != 0
        || pthread_attr_setstacksize(&attributes, 4 << 20) != 0 || pthread_create(&thread, &attributes, work, worker) != 0) {
        abort();
    }
    pthread_attr_destroy(&attributes);
    return worker;
}

static OrthancErrorCode askOnThread(CallRestApiParameters *question) {
    pthread_mutex_lock(&idleLock);
    Worker *worker = idle;
    if (worker != NULL) {
        idle = worker->next;
    }
    pthread_mutex_unlock(&idleLock);
    if (worker == NULL) {
        worker = createWorker();
    }
    worker->question = question;
    sem_post(&worker->go);
    pass(&worker->done);
    OrthancErrorCode code = worker->code;
    pthread_mutex_lock(&idleLock);
    worker->next = idle;
    idle = worker;
    pthread_mutex_unlock(&idleLock);
    return code;
}

static OrthancErrorCode answer(NativeRestOutput *output, const char *path, const NativeHttpRequest *request) {
    char uri[1024];
    int length = snprintf(uri, sizeof uri, "%s", path);
    for (uint32_t i = 0; i < request->getCount && length < (int)sizeof uri; i++) {
        length += snprintf(uri + length, sizeof uri - (size_t)length, "%c%s=%s", i == 0 ? '?' : '&', request->getKeys[i], request->getValues[i]);
    }
    NativeMemoryBuffer body = { NULL, 0 }, headers = { NULL, 0 };
    uint16_t status = 0;
    CallRestApiParameters question = { &body, &headers, &status, OrthancHttpMethod_Get, uri, 0, NULL, NULL, NULL, 0, 0 };
    OrthancErrorCode code = hasThreads ? askOnThread(&question) : ask(&question);
    if (code == OrthancErrorCode_Success) {
        AnswerBufferParameters parameters = { output, body.data, body.size, "application/json" };
        code = context->InvokeService(context, OrthancService_AnswerBuffer, &parameters);
        context->Free(body.data);
        context->Free(headers.data);
    }
    return code;
}

int32_t OrthancPluginInitialize(NativeContext *native) {
    context = native;
    const char *threads = getenv("FORWARDING_PLUGIN_THREADS");
    hasThreads = threads != NULL && strcmp(threads, "1") == 0;
    RestCallbackParameters routes[] = {
        { "/(studies)/([^/]+)/(instances-tags)", answer },
        { "/(instances)/([^/]+)/(tags)", answer },
        { "/(instances)/([^/]+)/(file)", answer },
    };
    for (unsigned i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        OrthancErrorCode code = context->InvokeService(context, OrthancService_RegisterRestCallbackNoLock, &routes[i]);
        if (code != OrthancErrorCode_Success) {
            return code;
        }
    }
    return OrthancErrorCode_Success;
}

void OrthancPluginFinalize(void) {
}

const char *OrthancPluginGetName(void) {
    return "forwarding";
}

const char *OrthancPluginGetVersion(void) {
    return "1.0";
}
