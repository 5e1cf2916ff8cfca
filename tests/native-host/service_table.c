/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The services, the versions of the server that know them, and how often each was called.
 */
#include <stdio.h>
#include <string.h>

#include "host.h"

typedef struct ServiceRow {
    OrthancService service;
    const char *name;
    int since[3];
    atomic_long calls;
} ServiceRow;

#define ROW(name, ...) {OrthancService_##name, #name, {__VA_ARGS__}, 0}

static ServiceRow rows[] = {
    ROW(LogInfo, 0), ROW(LogWarning, 0), ROW(LogError, 0), ROW(GetOrthancPath, 0), ROW(GetConfigurationPath, 0), ROW(SetPluginProperty, 0), ROW(GetConfiguration, 0),
    ROW(ComputeMd5, 0), ROW(ComputeSha1, 0), ROW(SetMetricsValue, 0), ROW(CreateMemoryBuffer, 0), ROW(SetMetricsIntegerValue, 1, 12, 1),
    ROW(SetCurrentThreadName, 1, 12, 2), ROW(LogMessage, 1, 12, 4), ROW(ClearCurrentThreadName, 1, 13, 0),
    ROW(RegisterOnStoredInstanceCallback, 0), ROW(RegisterOnChangeCallback, 0), ROW(RegisterRestCallbackNoLock, 0),
    ROW(RegisterIncomingHttpRequestFilter2, 0), ROW(RegisterRefreshMetricsCallback, 0), ROW(AnswerBuffer, 0), ROW(Redirect, 0),
    ROW(SendHttpStatusCode, 0), ROW(SendMethodNotAllowed, 0), ROW(SetHttpHeader, 0), ROW(SendHttpStatus, 0), ROW(SetHttpErrorDetails, 0),
    ROW(StartStreamAnswer, 1, 12, 6), ROW(SendStreamChunk, 1, 12, 6), ROW(RestApiGet, 0),
    ROW(RestApiGetAfterPlugins, 0), ROW(RestApiGet2, 0),
    ROW(CallRestApi, 0), ROW(CreateJob, 0), ROW(FreeJob, 0), ROW(SubmitJob, 0), ROW(RegisterJobsUnserializer, 0), ROW(CreateJob2, 1, 11, 3),
};

const int all_services_count = COUNT_OF(rows);

static int version_numbers[3];

OrthancService service_at(int index)
{
    return rows[index].service;
}

static ServiceRow *row_of(OrthancService service)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].service == service) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *service_name(OrthancService service)
{
    ServiceRow *row = row_of(service);
    return row == NULL ? "unknown service" : row->name;
}

long services_calls(OrthancService service)
{
    return atomic_load(&row_of(service)->calls);
}

bool services_version_is(int major, int minor, int revision)
{
    int wanted[3] = {major, minor, revision};
    for (int i = 0; i < 3; i++) {
        if (version_numbers[i] != wanted[i]) {
            return version_numbers[i] > wanted[i];
        }
    }
    return true;
}

bool service_count_call(OrthancService service)
{
    ServiceRow *row = row_of(service);
    if (row == NULL || !services_version_is(row->since[0], row->since[1], row->since[2])) {
        return false;
    }
    atomic_fetch_add(&row->calls, 1);
    return true;
}

void service_table_start(const char *version)
{
    memset(version_numbers, 0, sizeof(version_numbers));
    if (strcmp(version, "mainline") == 0) {
        version_numbers[0] = 9999;
    } else {
        sscanf(version, "%d.%d.%d", &version_numbers[0], &version_numbers[1], &version_numbers[2]);
    }
}
