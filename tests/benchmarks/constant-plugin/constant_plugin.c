/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit of the benchmarks: what Orthanc's HTTP server gives with a plugin that does nothing but answer. It takes over the two
 * routes that are measured and answers each with the bytes of a file, read once at the start from the folder that CONSTANT_PLUGIN_FILES
 * names:
 *
 *   shared-tags      small.json
 *   instances-tags   large.json, or large.json.zst / large.json.gz with its Content-Encoding where Accept-Encoding names it
 *   If-None-Match    304, whatever it says
 *
 * It adds no header but Content-Encoding. Under the identifier "with-headers" it adds those that the response cache adds, too, so that
 * one can see what they cost by themselves; under "as-status" it answers by SendHttpStatus, which Orthanc never compresses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orthanc_plugin_abi.h"

typedef struct File {
    char *bytes;
    uint32_t size;
} File;

static NativeContext *context;
static File small_json, large_json, large_zstd, large_gzip;

static int invoke(OrthancService service, const void *parameters) {
    return context->InvokeService(context, service, parameters);
}

static int read_file(const char *folder, const char *name, File *file) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return 0;
    }
    fseek(stream, 0, SEEK_END);
    file->size = (uint32_t)ftell(stream);
    rewind(stream);
    file->bytes = malloc(file->size);
    int complete = file->bytes != NULL && fread(file->bytes, 1, file->size, stream) == file->size;
    fclose(stream);
    return complete;
}

static const char *header_of(const NativeHttpRequest *request, const char *name) {
    for (uint32_t i = 0; i < request->headersCount; i++) {
        if (strcmp(request->headersKeys[i], name) == 0) {
            return request->headersValues[i];
        }
    }
    return NULL;
}

static void add_header(NativeRestOutput *output, const char *name, const char *value) {
    SetHttpHeaderParameters parameters = { output, name, value };
    invoke(OrthancService_SetHttpHeader, &parameters);
}

static void add_all_headers(NativeRestOutput *output) {
    add_header(output, "Date", "Mon, 20 Feb 2023 15:00:00 GMT");
    add_header(output, "Last-Modified", "Mon, 20 Feb 2023 14:00:00 GMT");
    add_header(output, "ETag", "\"2e31e40208063db2c9edccf2ec012753\"");
    add_header(output, "Cache-Control", "max-age=604800, s-maxage=604800, public, no-cache");
    add_header(output, "Expires", "Mon, 27 Feb 2023 15:00:00 GMT");
    add_header(output, "Vary", "Accept, Accept-Encoding");
    add_header(output, "Cache-Status", "response-cache; hit");
}

static OrthancErrorCode answer(NativeRestOutput *output, const char *path, const NativeHttpRequest *request) {
    (void)path;
    const char *id = request->groups[1];
    int is_status = strncmp(id, "as-status", strlen("as-status")) == 0;
    if (strncmp(id, "with-headers", strlen("with-headers")) == 0) {
        add_all_headers(output);
    }
    if (header_of(request, "if-none-match") != NULL) {
        SendHttpStatusParameters parameters = { output, 304, "", 0 };
        return invoke(OrthancService_SendHttpStatus, &parameters);
    }
    const File *file = &small_json;
    if (strcmp(request->groups[2], "instances-tags") == 0) {
        const char *codings = header_of(request, "accept-encoding");
        file = &large_json;
        if (codings != NULL && strstr(codings, "zstd") != NULL) {
            file = &large_zstd;
            add_header(output, "Content-Encoding", "zstd");
        } else if (codings != NULL && strstr(codings, "gzip") != NULL) {
            file = &large_gzip;
            add_header(output, "Content-Encoding", "gzip");
        }
    }
    if (is_status) {
        SendHttpStatusParameters parameters = { output, 200, file->bytes, file->size };
        return invoke(OrthancService_SendHttpStatus, &parameters);
    }
    AnswerBufferParameters parameters = { output, file->bytes, file->size, "application/json" };
    return invoke(OrthancService_AnswerBuffer, &parameters);
}

int32_t OrthancPluginInitialize(NativeContext *native) {
    context = native;
    const char *folder = getenv("CONSTANT_PLUGIN_FILES");
    if (folder == NULL || !read_file(folder, "small.json", &small_json) || !read_file(folder, "large.json", &large_json)
        || !read_file(folder, "large.json.zst", &large_zstd) || !read_file(folder, "large.json.gz", &large_gzip)) {
        invoke(OrthancService_LogError, "The constant plugin finds no files to answer with");
        return OrthancErrorCode_Plugin;
    }
    RestCallbackParameters route = { "/(patients|studies|series)/([^/]+)/(instances-tags|shared-tags)", answer };
    return invoke(OrthancService_RegisterRestCallbackNoLock, &route);
}

void OrthancPluginFinalize(void) {
}

const char *OrthancPluginGetName(void) {
    return "constant-answers";
}

const char *OrthancPluginGetVersion(void) {
    return "1.0";
}
