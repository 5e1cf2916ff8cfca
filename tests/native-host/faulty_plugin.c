/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plugin that passes requests on and caches nothing, with one mistake on demand: -DMISTAKE=name. It shows that the host notices what
 * it is there to notice, and that it is content with a plugin that makes none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../native-sdk-headers/orthanc_plugin_abi.h"

enum {
    none, leak, double_free, frees_garbage, no_answer, two_answers, keeps_text, stale, newer_service, refuses, crash,
    passes_condition, late_answer, tells, wrong_304
};

#ifndef MISTAKE
#define MISTAKE none
#endif
#define API __attribute__((visibility("default")))

static NativeContext *orthanc;
static NativeRestOutput *last_output;
static const char *last_path;
static char *kept;
static uint32_t kept_size;

static OrthancErrorCode invoke(OrthancService service, const void *parameters)
{
    return orthanc->InvokeService(orthanc, service, parameters);
}

static OrthancErrorCode send_answer(NativeRestOutput *output, const void *body, uint32_t size)
{
    AnswerBufferParameters p = {output, body, size, "application/json"};
    return invoke(OrthancService_AnswerBuffer, &p);
}

static OrthancErrorCode call_core(const char *path, const NativeHttpRequest *request, NativeMemoryBuffer *body, uint16_t *status)
{
    static const char *const keys[] = {"if-none-match"}, *const values[] = {"\"x\""};
    char uri[1024];
    snprintf(uri, sizeof(uri), "%s", path);
    for (uint32_t i = 0; i < request->getCount; i++) {
        size_t used = strlen(uri);
        snprintf(uri + used, sizeof(uri) - used, "%c%s=%s", i == 0 ? '?' : '&', request->getKeys[i], request->getValues[i]);
    }
    NativeMemoryBuffer headers = {0};
    CallRestApiParameters p = {.answerBody = body, .answerHeaders = &headers, .httpStatus = status, .method = request->method, .uri = uri,
                               .body = request->body, .bodySize = request->bodySize};
    if (MISTAKE == passes_condition) {
        p.headersCount = 1;
        p.headersKeys = keys;
        p.headersValues = values;
    }
    OrthancErrorCode code = invoke(OrthancService_CallRestApi, &p);
    if (code == OrthancErrorCode_Success || MISTAKE == frees_garbage) {
        orthanc->Free(headers.data);
    }
    return code;
}

static OrthancErrorCode answer(NativeRestOutput *output, const char *path, const NativeHttpRequest *request)
{
    uint16_t status = 0;
    NativeMemoryBuffer body = {0};
    OrthancErrorCode code = call_core(MISTAKE == keeps_text && last_path != NULL ? last_path : path, request, &body, &status);
    if (code != OrthancErrorCode_Success) {
        if (MISTAKE == frees_garbage) {
            orthanc->Free(body.data);
        }
        return code;
    }
    int absurd = status != 200 || (body.data == NULL && body.size > 0);
    code = absurd ? OrthancErrorCode_Plugin : OrthancErrorCode_Success;
    if (!absurd && MISTAKE == stale && kept == NULL) {
        kept_size = body.size;
        kept = memcpy(malloc(body.size), body.data, body.size);
    }
    if (!absurd && MISTAKE != no_answer) {
        code = MISTAKE == stale ? send_answer(output, kept, kept_size) : send_answer(output, body.data, body.size);
    }
    if (MISTAKE == two_answers) {
        send_answer(output, body.data, body.size);
    }
    if (MISTAKE != leak) {
        orthanc->Free(body.data);
    }
    if (MISTAKE == double_free) {
        orthanc->Free(body.data);
    }
    return code;
}

static OrthancErrorCode on_request(NativeRestOutput *output, const char *path, const NativeHttpRequest *request)
{
    if (MISTAKE == wrong_304 && request->headersCount > 0) {
        SendHttpStatusCodeParameters p = {output, 304};
        return invoke(OrthancService_SendHttpStatusCode, &p);
    }
    if (MISTAKE == tells) {
        invoke(OrthancService_LogWarning, path);
    }
    if (MISTAKE == late_answer && last_output != NULL) {
        send_answer(last_output, "", 0);
    }
    if (MISTAKE == newer_service) {
        SetMetricsIntegerValueParameters p = {"orthanc_faulty_count", 1, OrthancMetricsType_Default};
        invoke(OrthancService_SetMetricsIntegerValue, &p);
    }
    if (MISTAKE == crash) {
        *(volatile char *)NULL = 1;
    }
    OrthancErrorCode code = answer(output, path, request);
    last_output = output;
    last_path = path;
    return code;
}

static OrthancErrorCode on_change(OrthancChangeType change, OrthancResourceType level, const char *id)
{
    (void)change, (void)level, (void)id;
    return OrthancErrorCode_Success;
}

static OrthancErrorCode on_stored(const NativeDicomInstance *instance, const char *id)
{
    (void)instance, (void)id;
    return OrthancErrorCode_Success;
}

static int32_t on_filter(OrthancHttpMethod method, const char *path, const char *ip, uint32_t headers_count, const char *const *header_keys,
                         const char *const *header_values, uint32_t get_count, const char *const *get_keys, const char *const *get_values)
{
    (void)method, (void)path, (void)ip, (void)headers_count, (void)header_keys, (void)header_values;
    (void)get_count, (void)get_keys, (void)get_values;
    return MISTAKE == refuses ? 0 : 1;
}

API int32_t OrthancPluginInitialize(NativeContext *context)
{
    static const char *const routes[] = {"/(patients|studies|series)/([^/]+)/(archive|attachments|instances-tags|media|shared-tags)",
                                         "/instances/([^/]+)/(attachments|file|header|metadata|preview|simplified-tags|tags)",
                                         "/instances/([^/]+)/frames/([^/]+)/(.+)"};
    orthanc = context;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        RestCallbackParameters p = {routes[i], on_request};
        invoke(OrthancService_RegisterRestCallbackNoLock, &p);
    }
    CallbackParameters p = {(void (*)(void))on_change};
    invoke(OrthancService_RegisterOnChangeCallback, &p);
    p.callback = (void (*)(void))on_stored;
    invoke(OrthancService_RegisterOnStoredInstanceCallback, &p);
    p.callback = (void (*)(void))on_filter;
    invoke(OrthancService_RegisterIncomingHttpRequestFilter2, &p);
    return 0;
}

API void OrthancPluginFinalize(void)
{
    orthanc = NULL;
}

API const char *OrthancPluginGetName(void)
{
    return "response-cache";
}

API const char *OrthancPluginGetVersion(void)
{
    return "0.0.0";
}
