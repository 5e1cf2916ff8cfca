/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs of the plugin: created, and then freed, or submitted and run to their end when a scenario says so.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define MAXIMUM_JOBS 64
#define MAXIMUM_STEPS 100000

struct NativeJob {
    CreateJobParameters parameters;
    bool buffered;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static NativeJob *submitted[MAXIMUM_JOBS];
static int submitted_count;

/* Jobs are counted as the buffers are: created ones have to be freed or submitted. */
static OrthancErrorCode create(const CreateJobParameters *p, bool buffered)
{
    if (p->job == NULL || p->target == NULL || p->finalize == NULL || p->type == NULL || p->getProgress == NULL || p->getContent == NULL ||
        p->getSerialized == NULL || p->step == NULL || p->stop == NULL || p->reset == NULL) {
        fail("a job that lacks something");
        return OrthancErrorCode_NullPointer;
    }
    NativeJob *job = memory_hand_out(sizeof(NativeJob));
    job->parameters = *p;
    job->buffered = buffered;
    *p->target = job;
    return OrthancErrorCode_Success;
}

static void read_content(NativeJob *job)
{
    if (!job->buffered) {
        ((const char *(*)(void *))job->parameters.getContent)(job->parameters.job);
        ((const char *(*)(void *))job->parameters.getSerialized)(job->parameters.job);
        return;
    }
    NativeMemoryBuffer buffer = {0};
    typedef OrthancErrorCode (*FillContent)(NativeMemoryBuffer *, void *);
    FillContent content = (FillContent)job->parameters.getContent;
    if (content(&buffer, job->parameters.job) == OrthancErrorCode_Success) {
        if (buffer.data == NULL || buffer.size == 0 || ((char *)buffer.data)[0] != '{') {
            fail("the content of a job is no JSON object");
        }
        memory_retain(buffer.data);
    }
}

static void run(NativeJob *job)
{
    CreateJobParameters p = job->parameters;
    OrthancJobStepStatus status = OrthancJobStepStatus_Continue;
    for (int i = 0; i < MAXIMUM_STEPS && status == OrthancJobStepStatus_Continue; i++) {
        status = p.step(p.job);
        float progress = p.getProgress(p.job);
        if (progress < 0 || progress > 1) {
            fail("a job's progress is %f", (double)progress);
        }
        read_content(job);
    }
    if (status == OrthancJobStepStatus_Continue) {
        fail("a job does not end");
    }
    p.stop(p.job, status == OrthancJobStepStatus_Success ? OrthancJobStopReason_Success : OrthancJobStopReason_Failure);
    p.finalize(p.job);
    free(job);
}

void jobs_run_all(void)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        NativeJob *job = submitted_count > 0 ? submitted[--submitted_count] : NULL;
        pthread_mutex_unlock(&mutex);
        if (job == NULL) {
            return;
        }
        run(job);
    }
}

static OrthancErrorCode submit(const SubmitJobParameters *p)
{
    NativeJob *job = malloc(sizeof(NativeJob));
    if (job == NULL) {
        abort();
    }
    *job = *p->job;
    memory_retain(p->job);
    pthread_mutex_lock(&mutex);
    if (submitted_count == MAXIMUM_JOBS) {
        abort();
    }
    submitted[submitted_count++] = job;
    pthread_mutex_unlock(&mutex);
    *p->resultId = memory_hand_out_text("6cd0b5e4-0a3b-4c7e-9a3f-1d2c3b4a5f60");
    return OrthancErrorCode_Success;
}

OrthancErrorCode jobs_invoke(OrthancService service, const void *params)
{
    switch (service) {
    case OrthancService_CreateJob:
    case OrthancService_CreateJob2:
        return create(params, service == OrthancService_CreateJob2);
    case OrthancService_SubmitJob:
        return submit(params);
    default: {
        const FreeJobParameters *p = params;
        p->job->parameters.finalize(p->job->parameters.job);
        memory_retain(p->job);
        return OrthancErrorCode_Success;
    }
    }
}
