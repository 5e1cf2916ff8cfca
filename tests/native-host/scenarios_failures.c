/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Services fail, one after the other. What a request gets then is what the core says, or an honest error where the core itself or the
 * answering failed; and when the fault is gone, so is its effect.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host.h"

static const int codes[] = {OrthancErrorCode_InternalError,   OrthancErrorCode_Plugin,          OrthancErrorCode_NotImplemented,
                            OrthancErrorCode_NotEnoughMemory, OrthancErrorCode_BadSequenceOfCalls, OrthancErrorCode_UnknownResource,
                            OrthancErrorCode_UnknownPluginService, OrthancErrorCode_DatabaseUnavailable, 1011, 0x7fffffff};

static const char *const workload[][2] = {
    {"studies", "shared-tags"}, {"studies", "attachments"}, {"patients", "instances-tags"}, {"series", "archive"},
    {"instances", "tags"},      {"instances", "file"},      {"instances", "metadata"},      {"instances", "frames/0/preview"},
};

typedef void (*Expectation)(const Request *request, const Response *response, const char *when);

static void path_of_workload(char path[128], size_t index)
{
    static const int examples[] = {0, 1, 3, 6};
    for (int level = 0; level < 4; level++) {
        if (strcmp(workload[index][0], level_names[level]) == 0) {
            snprintf(path, 128, "/%s/%s/%s", level_names[level], resources[examples[level]].id, workload[index][1]);
        }
    }
}

static void ask_everything(Expectation expectation, const char *when)
{
    for (size_t i = 0; i < COUNT_OF(workload); i++) {
        char path[128];
        path_of_workload(path, i);
        Request request = {.method = OrthancHttpMethod_Get, .path = path};
        Response response = perform(&request);
        expectation(&request, &response, when);
        response_free(&response);

        request.headers[0][0] = "if-none-match";
        request.headers[0][1] = "\"00000000000000000000000000000000\"";
        response = perform(&request);
        expectation(&request, &response, when);
        response_free(&response);
    }
}

static void everything_else(void)
{
    char path[128];
    snprintf(path, sizeof(path), "/studies/%s/media", resources[1].id);
    Request request = {.method = OrthancHttpMethod_Post, .path = path, .body = "{}"};
    Response response = perform(&request);
    response_free(&response);
    plugin_stored(7);
    plugin_change(OrthancChangeType_NewInstance, OrthancResourceType_Instance, resources[7].id);
    plugin_change(OrthancChangeType_StableSeries, OrthancResourceType_Series, resources[3].id);
    if (registered.metrics != NULL) {
        registered.metrics();
    }
}

/* Services whose failure must not be seen in an answer. */
static bool is_auxiliary(OrthancService service)
{
    return service < OrthancService_RegisterOnStoredInstanceCallback || service >= OrthancService_CreateJob;
}

static void under_fault(Fault fault, Expectation expectation)
{
    char when[160];
    snprintf(when, sizeof(when), "fault %d of %s (%d, %s%s) %s", (int)fault.kind, fault.service == 0 ? "all" : service_name(fault.service),
             fault.code, fault.path == NULL ? "" : fault.path, fault.text == NULL ? "" : fault.text,
             fault.remaining < 0 ? "always" : "once");
    fault_set(fault);
    ask_everything(expectation, when);
    everything_else();
    fault_clear();
    ask_everything(expect_core_answer, when);
    memory_expect_none_soon(when);
}

/* A fault of a service that is not called shows nothing: the output says which those are. */
static void show_uncalled(const char *version)
{
    printf("version %s: not called:", version);
    for (int s = 0; s < all_services_count; s++) {
        if (services_calls(service_at(s)) == 0) {
            printf(" %s", service_name(service_at(s)));
        }
    }
    printf("\n");
}

static void each_service(int remaining)
{
    static const char *const versions[] = {"1.10.1", DEFAULT_VERSION};
    for (size_t v = 0; v < COUNT_OF(versions); v++) {
        start(versions[v], "");
        for (int s = 0; s < all_services_count; s++) {
            OrthancService service = service_at(s);
            for (size_t c = 0; c < COUNT_OF(codes); c++) {
                Fault fault = {.kind = FAULT_ERROR, .service = service, .code = codes[c], .remaining = remaining};
                under_fault(fault, is_auxiliary(service) ? expect_core_answer : expect_answer_or_error);
            }
        }
        show_uncalled(versions[v]);
        stop();
    }
}

static void each_service_always(void)
{
    each_service(-1);
}

static void each_service_once(void)
{
    each_service(1);
}

static void everything_fails(void)
{
    for (size_t c = 0; c < COUNT_OF(codes); c++) {
        start(DEFAULT_VERSION, "");
        under_fault((Fault){.kind = FAULT_ERROR, .code = codes[c], .remaining = -1}, expect_answer_or_error);
        stop();
    }
}

/* Initialize with a service that fails: it may refuse or go on, but the next one must find a clean house. */
static void initialize_fails(void)
{
    char *configuration = configuration_with("");
    for (int s = 0; s < all_services_count; s++) {
        if (service_at(s) >= OrthancService_AnswerBuffer && service_at(s) < OrthancService_RestApiGet) {
            continue; /* nothing is answered there */
        }
        for (int kind = 0; kind < 2; kind++) {
            Fault fault = {.kind = kind == 0 ? FAULT_ERROR : FAULT_NULL_DATA, .service = service_at(s),
                           .code = OrthancErrorCode_NotEnoughMemory, .remaining = -1};
            fault_set(fault);
            int code = plugin_initialize(DEFAULT_VERSION, configuration);
            fault_clear();
            if (code == 0) {
                ask_everything(expect_core_answer, "after an Initialize with a fault");
                plugin_finalize();
            } else {
                services_stop(); /* the server calls no Finalize then */
            }
            memory_expect_none(service_name(service_at(s)));
        }
    }
    fault_set((Fault){.kind = FAULT_ERROR, .service = OrthancService_GetConfiguration, .code = OrthancErrorCode_Plugin, .remaining = -1});
    if (plugin_initialize(DEFAULT_VERSION, configuration) == 0) {
        fail("Initialize succeeds without a configuration");
        plugin_finalize();
    }
    fault_clear();
    free(configuration);
    start(DEFAULT_VERSION, "");
    ask_everything(expect_core_answer, "after all that");
    stop();
}

static const char *const nonsense[] = {
    "", " ", "nonsense", "{", "[]", "{}", "null", "{\"a\":1}", "\"text\"", "99999999T999999", "\xff\xfe", "{\"content-type\":5}",
    "{\"content-type\":null}", "{\"content-type\":\"a\\r\\nb: c\"}", "{\"CountInstances\":{}}",
};

/* Success, and rubbish as the result. Nobody can tell rubbish in a body from an answer, so there only the life of the server counts. */
static void whatever(const Request *request, const Response *response, const char *when)
{
    if (response->status == 304) {
        fail("%s: a 304 for %s", when, request->path);
    }
}

static void absurd_answers(void)
{
    static const OrthancService services[] = {OrthancService_CallRestApi, OrthancService_RestApiGet, OrthancService_RestApiGet2};
    static const int statuses[] = {0, 1, 100, 204, 206, 301, 304, 404, 500, 599, 999, 65535};
    for (size_t s = 0; s < COUNT_OF(services); s++) {
        /* A body of rubbish that is taken for an answer may be stored: each kind of rubbish gets a cache of its own. */
        for (int kind = FAULT_NULL_DATA; kind <= FAULT_DATA_OF_SIZE_0; kind++) {
            start(DEFAULT_VERSION, "");
            fault_set((Fault){.kind = kind, .service = services[s], .remaining = -1});
            ask_everything(whatever, "absurd sizes");
            everything_else();
            fault_clear();
            memory_expect_none_soon("absurd sizes");
            stop();
        }
    }
    for (size_t n = 0; n < COUNT_OF(nonsense); n++) {
        start(DEFAULT_VERSION, "");
        under_fault((Fault){.kind = FAULT_HEADERS, .service = OrthancService_CallRestApi, .text = nonsense[n], .remaining = -1},
                    expect_answer_or_error);
        stop();
    }
    for (size_t n = 0; n < COUNT_OF(statuses); n++) {
        start(DEFAULT_VERSION, "");
        fault_set((Fault){.kind = FAULT_STATUS, .service = OrthancService_CallRestApi, .code = statuses[n], .remaining = -1});
        for (size_t i = 0; i < COUNT_OF(workload); i++) {
            char path[128];
            path_of_workload(path, i);
            Response response = get(path);
            response_free(&response);
        }
        fault_clear();
        ask_everything(expect_core_answer, "after an absurd status");
        stop();
    }
}

/* The questions that versions are made of fail or are answered with rubbish: the request is answered from the core all the same. */
static void versions_fail(void)
{
    static const char *const questions[] = {"/metadata/LastUpdate", "/statistics", "/changes", "/attachments/dicom/md5",
                                            "/attachments/dicom/"};
    start(DEFAULT_VERSION, "");
    for (int shared = 0; shared < 2; shared++) {
        for (size_t q = 0; q < COUNT_OF(questions); q++) {
            for (size_t c = 0; c < COUNT_OF(codes); c++) {
                under_fault((Fault){.kind = FAULT_ERROR, .path = questions[q], .code = codes[c], .remaining = -1}, expect_core_answer);
                under_fault((Fault){.kind = FAULT_ERROR, .path = questions[q], .code = codes[c], .remaining = 1}, expect_core_answer);
            }
            for (size_t n = 0; n < COUNT_OF(nonsense); n++) {
                under_fault((Fault){.kind = FAULT_BODY, .path = questions[q], .text = nonsense[n], .remaining = -1}, expect_core_answer);
            }
            under_fault((Fault){.kind = FAULT_NULL_DATA, .path = questions[q], .remaining = -1}, expect_core_answer);
            under_fault((Fault){.kind = FAULT_DATA_OF_SIZE_0, .path = questions[q], .remaining = -1}, expect_core_answer);
        }
        stop();
        start(DEFAULT_VERSION, "\"SharedDatabase\": true");
    }
    stop();
}

/* No folder, no cache, but an Orthanc that answers; and the log says so once, not with each request. */
static void broken_folder(void)
{
    char file[512], members[1200];
    snprintf(file, sizeof(file), "%s/file", work_folder);
    fclose(fopen(file, "w"));
    char below_file[600];
    snprintf(below_file, sizeof(below_file), "%s/below", file);
    const char *folders[] = {"/proc/response-cache", file, below_file, "/dev/full/x", "/sys/response-cache"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        log_clear();
        snprintf(members, sizeof(members), "\"Directory\": \"%s\"", folders[i]);
        start(DEFAULT_VERSION, members);
        ask_everything(expect_core_answer, members);
        /* Both come from threads of their own: that the folder is useless, and the summary of the start. */
        expect_line_soon('W', "[301]");
        expect_line_soon('W', "[100]");
        int lines = log_count('E', "") + log_count('W', "");
        for (int round = 0; round < 5; round++) {
            ask_everything(expect_core_answer, members);
        }
        if (log_count('E', "") + log_count('W', "") != lines) {
            fail("the log fills up because of %s", folders[i]);
        }
        stop();
    }
}

const Scenario failure_scenarios[] = {
    {"each-service-always", each_service_always},
    {"each-service-once", each_service_once},
    {"everything-fails", everything_fails},
    {"initialize-fails", initialize_fails},
    {"absurd-answers", absurd_answers},
    {"versions-fail", versions_fail},
    {"broken-folder", broken_folder},
    {NULL, NULL},
};
