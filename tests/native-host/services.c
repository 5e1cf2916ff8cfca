/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * InvokeService: every service that the plugin may call, its faults included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define GARBAGE ((void *)(uintptr_t)0x5A5A5A5A5A5A5A50u)

Registered registered;
atomic_long core_content_calls, core_other_calls;
atomic_int core_content_thread;
atomic_int metrics_set;
atomic_int named_threads;

/* One for each life of the plugin, never freed: whoever uses one after Finalize is noticed. */
static NativeContext *context;
static char *server_version, *server_configuration;

static void answer_text(char **result, const char *text, Fault fault)
{
    if (fault.kind == FAULT_NULL_DATA) {
        *result = NULL;
    } else {
        *result = memory_hand_out_text(fault.kind == FAULT_BODY ? fault.text : text);
    }
}

static void answer_buffer(NativeMemoryBuffer *target, const void *data, size_t size, Fault fault)
{
    *target = (NativeMemoryBuffer){0};
    if (fault.kind == FAULT_NULL_DATA) {
        target->size = 123;
    } else if (fault.kind == FAULT_DATA_OF_SIZE_0) {
        target->data = memory_hand_out(1);
    } else if (size > 0) {
        target->size = (uint32_t)size;
        target->data = memory_hand_out(size);
        memcpy(target->data, data, size);
    }
}

static void check_call(const char *uri, HeaderList headers)
{
    static const char *const forbidden[] = {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"};
    bool content = core_is_content(uri);
    atomic_fetch_add(content ? &core_content_calls : &core_other_calls, 1);
    if (content) {
        atomic_store(&core_content_thread, gettid());
    }
    for (uint32_t i = 0; i < headers.count; i++) {
        for (size_t j = 0; j < COUNT_OF(forbidden); j++) {
            if (strcasecmp(headers.keys[i], forbidden[j]) == 0) {
                fail("%s was passed on to the core", forbidden[j]);
            }
        }
    }
}

static OrthancErrorCode rest_api_get(NativeMemoryBuffer *target, const char *uri, HeaderList headers, Fault fault)
{
    check_call(uri, headers);
    CoreAnswer answer = core_answer(OrthancHttpMethod_Get, uri, headers, NULL, 0);
    OrthancErrorCode code = answer.status == 200 ? OrthancErrorCode_Success : OrthancErrorCode_UnknownResource;
    if (code == OrthancErrorCode_Success) {
        const char *text = fault.kind == FAULT_BODY ? fault.text : answer.body.data;
        answer_buffer(target, text, fault.kind == FAULT_BODY ? strlen(text) : answer.body.size, fault);
    } else {
        *target = (NativeMemoryBuffer){.data = GARBAGE, .size = 1};
    }
    text_free(&answer.body);
    return code;
}

/*
 * An internal call collects a body with status 200 only. Where it wants one and the status is another, the server reports an unknown
 * resource instead of the status: for POST and PUT, for GET before 1.13.0, for DELETE since then.
 */
static bool loses_status(OrthancHttpMethod method, int status)
{
    OrthancHttpMethod kept = services_version_is(1, 13, 0) ? OrthancHttpMethod_Get : OrthancHttpMethod_Delete;
    return status != 200 && method != kept;
}

static OrthancErrorCode call_rest_api(const CallRestApiParameters *p, Fault fault)
{
    HeaderList headers = {p->headersCount, p->headersKeys, p->headersValues};
    check_call(p->uri, headers);
    CoreAnswer answer = core_answer(p->method, p->uri, headers, p->body, p->bodySize);
    if (loses_status(p->method, answer.status)) {
        text_free(&answer.body);
        *p->answerBody = *p->answerHeaders = (NativeMemoryBuffer){.data = GARBAGE, .size = 1};
        return OrthancErrorCode_UnknownResource;
    }

    Text json = {0};
    text_print(&json, "{\n   \"content-type\" : \"%s\"", answer.content_type);
    if (answer.disposition[0] != 0) {
        text_print(&json, ",\n   \"content-disposition\" : \"");
        for (const char *c = answer.disposition; *c != 0; c++) {
            text_print(&json, *c == '"' ? "\\%c" : "%c", *c);
        }
        text_print(&json, "\"");
    }
    text_print(&json, "\n}\n");
    bool headers_fault = fault.kind == FAULT_HEADERS;
    bool body_fault = fault.kind == FAULT_BODY;
    answer_buffer(p->answerBody, body_fault ? fault.text : answer.body.data, body_fault ? strlen(fault.text) : answer.body.size, fault);
    if (p->answerHeaders != NULL) {
        answer_buffer(p->answerHeaders, headers_fault ? fault.text : json.data, headers_fault ? strlen(fault.text) : json.size, fault);
    }
    *p->httpStatus = (uint16_t)(fault.kind == FAULT_STATUS ? fault.code : answer.status);
    text_free(&json);
    text_free(&answer.body);
    return OrthancErrorCode_Success;
}

/* As a real failure does: results hold whatever was there, or an address that is freed already. */
static void leave_garbage(OrthancService service, const void *params)
{
    NativeMemoryBuffer garbage = {.data = GARBAGE, .size = 77};
    switch (service) {
    case OrthancService_CallRestApi: {
        const CallRestApiParameters *p = params;
        *p->answerBody = *p->answerHeaders = garbage;
        *p->httpStatus = 200;
        break;
    }
    case OrthancService_RestApiGet:
    case OrthancService_RestApiGetAfterPlugins:
    case OrthancService_RestApiGet2:
    case OrthancService_CreateMemoryBuffer:
        **(NativeMemoryBuffer *const *)params = garbage;
        break;
    case OrthancService_GetConfiguration:
    case OrthancService_GetOrthancPath:
    case OrthancService_GetConfigurationPath:
    case OrthancService_ComputeMd5:
    case OrthancService_ComputeSha1:
        **(char **const *)params = GARBAGE;
        break;
    default:
        break;
    }
}

static const char *path_of(OrthancService service, const void *params)
{
    switch (service) {
    case OrthancService_CallRestApi:
        return ((const CallRestApiParameters *)params)->uri;
    case OrthancService_RestApiGet:
    case OrthancService_RestApiGetAfterPlugins:
        return ((const RestApiGetParameters *)params)->uri;
    case OrthancService_RestApiGet2:
        return ((const RestApiGet2Parameters *)params)->uri;
    default:
        return NULL;
    }
}

/* POSIX knows no group that is not captured: a pattern with one would be reported, and then this wants work. */
static OrthancErrorCode add_route(const RestCallbackParameters *p)
{
    Route route = {.callback = p->callback};
    if (strstr(p->pathRegularExpression, "(?") != NULL || regcomp(&route.pattern, p->pathRegularExpression, REG_EXTENDED) != 0) {
        fail("the host cannot read the pattern %s", p->pathRegularExpression);
        return OrthancErrorCode_BadRequest;
    }
    if (registered.route_count == (int)COUNT_OF(registered.routes)) {
        fail("more than %zu routes", COUNT_OF(registered.routes));
        return OrthancErrorCode_Plugin;
    }
    registered.routes[registered.route_count++] = route;
    return OrthancErrorCode_Success;
}

static OrthancErrorCode dispatch(OrthancService service, const void *params, Fault fault)
{
    bool handled;
    OrthancErrorCode code = output_invoke(service, params, &handled);
    if (handled) {
        return code;
    }
    void (*callback)(void) = service > 1000 && service < 2000 ? ((const CallbackParameters *)params)->callback : NULL;
    switch (service) {
    case OrthancService_LogInfo:
    case OrthancService_LogWarning:
    case OrthancService_LogError:
        log_add("IWE"[service - 1], params);
        break;
    case OrthancService_LogMessage:
        log_add_message(params);
        break;
    case OrthancService_SetCurrentThreadName:
        if (strlen(params) > 16) {
            fail("a thread has no name, or a long one");
        }
        break;
    case OrthancService_ClearCurrentThreadName:
        break;
    case OrthancService_GetConfiguration:
        answer_text(((const DynamicStringParameters *)params)->result, server_configuration, fault);
        break;
    case OrthancService_GetOrthancPath:
        answer_text(((const DynamicStringParameters *)params)->result, "/usr/sbin/Orthanc", fault);
        break;
    case OrthancService_GetConfigurationPath:
        answer_text(((const DynamicStringParameters *)params)->result, "/etc/orthanc", fault);
        break;
    case OrthancService_ComputeMd5:
        answer_text(((const ComputeHashParameters *)params)->result, "d41d8cd98f00b204e9800998ecf8427e", fault);
        break;
    case OrthancService_ComputeSha1:
        answer_text(((const ComputeHashParameters *)params)->result, "da39a3ee-5e6b4b0d-3255bfef-95601890-afd80709", fault);
        break;
    case OrthancService_SetMetricsValue:
    case OrthancService_SetMetricsIntegerValue:
        atomic_fetch_add(&metrics_set, 1);
        break;
    case OrthancService_CreateMemoryBuffer: {
        const CreateMemoryBufferParameters *p = params;
        *p->target = (NativeMemoryBuffer){p->size == 0 ? NULL : memory_hand_out(p->size), p->size};
        break;
    }
    case OrthancService_RegisterRestCallbackNoLock:
        return add_route(params);
    case OrthancService_RegisterOnChangeCallback:
        registered.change = (ChangeCallback)callback;
        break;
    case OrthancService_RegisterOnStoredInstanceCallback:
        registered.stored = (StoredInstanceCallback)callback;
        break;
    case OrthancService_RegisterIncomingHttpRequestFilter2:
        registered.filter = (FilterCallback)callback;
        break;
    case OrthancService_RegisterRefreshMetricsCallback:
        registered.metrics = (RefreshMetricsCallback)callback;
        break;
    case OrthancService_RegisterJobsUnserializer:
        registered.unserializer = (JobsUnserializer)((const CallbackParameters *)params)->callback;
        break;
    case OrthancService_RestApiGet:
    case OrthancService_RestApiGetAfterPlugins: {
        const RestApiGetParameters *p = params;
        return rest_api_get(p->target, p->uri, (HeaderList){0}, fault);
    }
    case OrthancService_RestApiGet2: {
        const RestApiGet2Parameters *p = params;
        return rest_api_get(p->target, p->uri, (HeaderList){p->headersCount, p->headersKeys, p->headersValues}, fault);
    }
    case OrthancService_CallRestApi:
        return call_rest_api(params, fault);
    case OrthancService_SetPluginProperty:
        break;
    default:
        return jobs_invoke(service, params);
    }
    return OrthancErrorCode_Success;
}

static OrthancErrorCode invoke(NativeContext *caller, OrthancService service, const void *params)
{
    if (caller->pluginsManager == NULL) {
        fail("service %d was called after Finalize", service);
        return OrthancErrorCode_BadSequenceOfCalls;
    }
    if (caller != context) {
        fail("a service was called with another context");
    }
    if (!service_count_call(service)) {
        fail("service %d (%s) is unknown to version %s", service, service_name(service), server_version);
        return OrthancErrorCode_UnknownPluginService;
    }
    if (service == OrthancService_SetCurrentThreadName || service == OrthancService_ClearCurrentThreadName) {
        atomic_fetch_add(&named_threads, service == OrthancService_SetCurrentThreadName ? 1 : -1);
    }
    Fault fault = fault_take(service, path_of(service, params));
    if (fault.kind == FAULT_ERROR) {
        leave_garbage(service, params);
        return fault.code;
    }
    if (fault.kind == FAULT_HANG) {
        fault_hang();
    }
    memory_is_of(caller);
    OrthancErrorCode code = dispatch(service, params, fault);
    memory_is_of(NULL);
    return code;
}

static void free_after_finalize(void *address)
{
    fail("Free of %p after Finalize", address);
}

NativeContext *services_start(const char *version, const char *configuration)
{
    services_stop();
    atomic_store(&named_threads, 0);
    server_version = strdup(version);
    server_configuration = strdup(configuration);
    service_table_start(version);
    context = malloc(sizeof(NativeContext));
    *context = (NativeContext){.pluginsManager = &registered, .orthancVersion = server_version, .Free = memory_free, .InvokeService = invoke};
    return context;
}

void services_stop(void)
{
    if (context != NULL) {
        context->pluginsManager = NULL;
        context->Free = free_after_finalize;
    }
    for (int i = 0; i < registered.route_count; i++) {
        regfree(&registered.routes[i].pattern);
    }
    registered = (Registered){0};
    free(server_version);
    free(server_configuration);
    server_version = server_configuration = NULL;
}
