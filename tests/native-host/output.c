/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a callback's answer goes. Outputs are kept after their callback, marked, so that a plugin that still uses one is told so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define ALIVE 0x0A11FEu
#define CLOSED 0x0DEADEu

NativeRestOutput *output_open(void)
{
    NativeRestOutput *output = calloc(1, sizeof(NativeRestOutput));
    if (output == NULL) {
        abort();
    }
    output->alive = ALIVE;
    output->status = 0;
    text_append(&output->body, "", 0);
    return output;
}

void output_close(NativeRestOutput *output)
{
    output->alive = CLOSED;
}

/* The structure itself stays: it is small, and somebody may still hold its address. */
void output_free(NativeRestOutput *output)
{
    text_free(&output->body);
    free(output->error_details);
    for (int i = 0; i < output->header_count; i++) {
        free(output->headers[i][0]);
        free(output->headers[i][1]);
    }
    output->header_count = 0;
    output->error_details = NULL;
}

static void add_header(NativeRestOutput *output, const char *key, const char *value)
{
    if (output->header_count < MAXIMUM_HEADERS) {
        output->headers[output->header_count][0] = strdup(key);
        output->headers[output->header_count][1] = strdup(value);
        output->header_count++;
    } else {
        fail("more than %d headers on one answer", MAXIMUM_HEADERS);
    }
}

/* One answer per request, as in the real server: the second is refused. */
static OrthancErrorCode answer(NativeRestOutput *output, int status, const void *body, size_t size, const char *type)
{
    if (output->answers > 0 || output->streaming) {
        fail("a second answer to one request");
        return OrthancErrorCode_BadSequenceOfCalls;
    }
    if (body == NULL && size > 0) {
        fail("an answer of %zu bytes without an address", size);
        return OrthancErrorCode_NullPointer;
    }
    if (status < 100 || status > 599) {
        return OrthancErrorCode_ParameterOutOfRange; /* the server has no words for it */
    }
    if (status == 304 && size > 0) {
        fail("a 304 with a body");
    }
    output->answers++;
    output->status = status;
    text_append(&output->body, body, size);
    if (type != NULL) {
        add_header(output, "Content-Type", type);
    }
    return OrthancErrorCode_Success;
}

static OrthancErrorCode stream(OrthancService service, const void *params, NativeRestOutput *output)
{
    if (service == OrthancService_StartStreamAnswer) {
        const OutputArgumentParameters *p = params;
        OrthancErrorCode code = answer(output, 200, NULL, 0, p->argument);
        output->streaming = code == OrthancErrorCode_Success;
        return code;
    }

    const AnswerBufferParameters *p = params;
    if (!output->streaming) {
        fail("a chunk without a stream");
        return OrthancErrorCode_BadSequenceOfCalls;
    }
    text_append(&output->body, p->answer, p->answerSize);
    return OrthancErrorCode_Success;
}

/* Orthanc writes "key: value" and a line end, so a value may bring further headers as lines of their own; each has to be one. */
static OrthancErrorCode add_header_lines(NativeRestOutput *output, const char *key, const char *value)
{
    char *lines = malloc(strlen(key) + strlen(value) + 3);
    sprintf(lines, "%s: %s", key, value);
    bool good = true;
    for (char *line = lines; line != NULL && good;) {
        char *end = strstr(line, "\r\n");
        if (end != NULL) {
            *end = '\0';
        }
        char *colon = strstr(line, ": ");
        good = colon != NULL && colon != line && strpbrk(line, "\r\n") == NULL && strcspn(line, " ") > (size_t)(colon - line);
        if (good) {
            *colon = '\0';
            add_header(output, line, colon + 2);
        } else {
            fail("a header that is none: %s", line);
        }
        line = end == NULL ? NULL : end + 2;
    }
    free(lines);
    return good ? OrthancErrorCode_Success : OrthancErrorCode_BadRequest;
}

OrthancErrorCode output_invoke(OrthancService service, const void *params, bool *handled)
{
    *handled = service >= OrthancService_AnswerBuffer && service < OrthancService_RestApiGet;
    if (!*handled) {
        return OrthancErrorCode_UnknownPluginService;
    }

    NativeRestOutput *output = *(NativeRestOutput *const *)params; /* the first member of all of them */
    if (output == NULL || output->alive != ALIVE) {
        fail("%s on an output that is %s", service_name(service), output == NULL ? "null" : "not that of a running callback");
        return OrthancErrorCode_NullPointer;
    }

    switch (service) {
    case OrthancService_AnswerBuffer: {
        const AnswerBufferParameters *p = params;
        if (p->mimeType == NULL) {
            fail("AnswerBuffer without a content type");
        }
        return answer(output, 200, p->answer, p->answerSize, p->mimeType);
    }
    case OrthancService_SendHttpStatus: {
        const SendHttpStatusParameters *p = params;
        return answer(output, p->status, p->body, p->bodySize, NULL);
    }
    case OrthancService_SendHttpStatusCode:
        return answer(output, ((const SendHttpStatusCodeParameters *)params)->status, NULL, 0, NULL);
    case OrthancService_SendMethodNotAllowed:
        add_header(output, "Allow", ((const OutputArgumentParameters *)params)->argument);
        return answer(output, 405, NULL, 0, NULL);
    case OrthancService_Redirect:
        add_header(output, "Location", ((const OutputArgumentParameters *)params)->argument);
        return answer(output, 301, NULL, 0, NULL);
    case OrthancService_SetHttpHeader: {
        const SetHttpHeaderParameters *p = params;
        if (p->key == NULL || p->value == NULL) {
            fail("a header that is none: %s: %s", p->key == NULL ? "(null)" : p->key, p->value == NULL ? "(null)" : p->value);
            return OrthancErrorCode_BadRequest;
        }
        if (output->answers > 0) {
            fail("header %s after the answer", p->key);
            return OrthancErrorCode_BadSequenceOfCalls;
        }
        return add_header_lines(output, p->key, p->value);
    }
    case OrthancService_SetHttpErrorDetails:
        free(output->error_details);
        output->error_details = strdup(((const SetHttpErrorDetailsParameters *)params)->details);
        return OrthancErrorCode_Success;
    default:
        return stream(service, params, output);
    }
}
