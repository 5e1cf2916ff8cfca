/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit of a miss: what it costs that a plugin stands between a client and the core at all. It takes over two of the routes, asks the
 * core for each request and answers what it said. It looks at nothing, adds nothing and keeps nothing.
 */
#include <stdio.h>
#include <string.h>

#include "orthanc_plugin_abi.h"

static NativeContext *context;

static OrthancErrorCode answer(NativeRestOutput *output, const char *path, const NativeHttpRequest *request) {
    char uri[1024];
    int length = snprintf(uri, sizeof uri, "%s", path);
    for (uint32_t i = 0; i < request->getCount && length < (int)sizeof uri; i++) {
        length += snprintf(uri + length, sizeof uri - (size_t)length, "%c%s=%s", i == 0 ? '?' : '&', request->getKeys[i], request->getValues[i]);
    }
    NativeMemoryBuffer body = { NULL, 0 }, headers = { NULL, 0 };
    uint16_t status = 0;
    CallRestApiParameters question = { &body, &headers, &status, OrthancHttpMethod_Get, uri, 0, NULL, NULL, NULL, 0, 0 };
    OrthancErrorCode code = context->InvokeService(context, OrthancService_CallRestApi, &question);
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
    RestCallbackParameters routes[] = {
        { "/(studies)/([^/]+)/(instances-tags)", answer },
        { "/(instances)/([^/]+)/(tags)", answer },
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
