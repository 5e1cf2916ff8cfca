/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives that the plugin streams: whole ones, those whose client leaves, those that cannot be read to their end, and a server that
 * stops in the middle.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

#define LARGE_FILE (12l << 20)     /* two of them are more than the plugin reads ahead */
#define LONGEST_STOP_SECONDS 8     /* Docker kills after ten */
#define READ_BEFORE_IT_IS_NOTICED 4 /* of the seven files: what was sent, waits and is being read */

static uint32_t crc_of(const char *data, size_t size)
{
    static uint32_t table[256];
    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) {
            value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
        }
        table[i] = value;
    }
    uint32_t crc = ~0u;
    for (size_t i = 0; i < size; i++) {
        crc = crc >> 8 ^ table[(crc ^ (unsigned char)data[i]) & 255];
    }
    return ~crc;
}

static unsigned long number_at(const char *data, int bytes)
{
    unsigned long value = 0;
    for (int i = bytes; i-- > 0;) {
        value = value << 8 | (unsigned char)data[i];
    }
    return value;
}

/* The directory at the end of a ZIP (APPNOTE.TXT, 4.3.16), which has no comment here; null where there is none. */
static const char *directory_of(const Text *zip, int *count)
{
    const char *end = zip->size < 22 ? NULL : zip->data + zip->size - 22;
    if (end == NULL || memcmp(end, "PK\5\6", 4) != 0) {
        return NULL;
    }
    *count = (int)number_at(end + 10, 2);
    return zip->data + number_at(end + 16, 4);
}

static bool is_whole(const Response *response)
{
    int count;
    return response->status == 200 && directory_of(&response->output->body, &count) != NULL;
}

/* A ZIP of the files below a resource, in their order, as the core has them now. */
static void expect_files_of(const Response *response, int resource, const char *when)
{
    int count = -1, expected = archive_count(resource, INSTANCE), at = 0;
    const char *entry = response->status == 200 ? directory_of(&response->output->body, &count) : NULL;
    if (entry == NULL || count != expected) {
        fail("%s: status %d, code %d, %zu bytes, %d files instead of %d", when, response->status, response->code,
             response->output->body.size, count, expected);
        return;
    }
    for (int i = 0; i < resource_count; i++) {
        if (resources[i].level != INSTANCE || resources[i].deleted || !archive_is_below(i, resource)) {
            continue;
        }
        char path[128], name[16];
        snprintf(path, sizeof(path), "/instances/%s/file", resources[i].id);
        snprintf(name, sizeof(name), "%08d.dcm", i);
        CoreAnswer file = core_answer(OrthancHttpMethod_Get, path, (HeaderList){0}, NULL, 0);
        size_t name_size = number_at(entry + 28, 2), end = strlen(name);
        if (memcmp(entry, "PK\1\2", 4) != 0 || number_at(entry + 16, 4) != crc_of(file.body.data, file.body.size) ||
            number_at(entry + 24, 4) != file.body.size || name_size < end || memcmp(entry + 46 + name_size - end, name, end) != 0) {
            fail("%s: file %d of %d is not that of instance %d", when, at, count, i);
        }
        text_free(&file.body);
        entry += 46 + name_size + number_at(entry + 30, 2) + number_at(entry + 32, 2);
        at++;
    }
}

static Request request_of(int resource, char path[128])
{
    snprintf(path, 128, "/%s/%s/archive", level_names[resources[resource].level], resources[resource].id);
    return (Request){.method = OrthancHttpMethod_Get, .path = path};
}

/* The archive with its validators, and its tag. */
static void whole_archive(const Request *request, int resource, char tag[96])
{
    time_t end = time(NULL) + PATIENCE_SECONDS;
    struct timespec pause = {.tv_nsec = 2000000};
    for (*tag = 0; *tag == 0 && time(NULL) < end; nanosleep(&pause, NULL)) {
        Response response = perform(request);
        expect_files_of(&response, resource, "a whole archive");
        const char *given = header_of(&response, "ETag");
        snprintf(tag, 96, "%s", given == NULL ? "" : given);
        response_free(&response);
    }
    if (*tag == 0) {
        fail("an archive has no tag after %d seconds", PATIENCE_SECONDS);
    }
}

static int status_with_tag(const Request *request, const char *tag)
{
    Request again = *request;
    again.headers[0][0] = "if-none-match";
    again.headers[0][1] = tag;
    Response response = perform(&again);
    int status = response.status;
    if (status == 304 && response.output->body.size != 0) {
        fail("a 304 with a body");
    }
    response_free(&response);
    return status;
}

static void start_streaming(const char *version)
{
    archive_reset();
    archive_use_old_times(true);
    start(version, "");
    core_tell_of_files(true);
}

static void stop_streaming(void)
{
    stop();
    core_tell_of_files(false);
    archive_use_old_times(false);
}

/* Of each resource: in chunks, with validators, a 304 for which no file is read, and another one after a change. */
static void archives_are_streamed(void)
{
    static const char *const versions[] = {"1.12.6", "1.12.7", "1.13.0", "mainline"};
    for (size_t v = 0; v < COUNT_OF(versions); v++) {
        start_streaming(versions[v]);
        for (int i = 0; resources[i].level < INSTANCE; i++) {
            char path[128], tag[96];
            Request request = request_of(i, path);
            long streams = services_calls(OrthancService_StartStreamAnswer);
            whole_archive(&request, i, tag);
            if (services_calls(OrthancService_StartStreamAnswer) == streams) {
                fail("%s: an archive is not streamed", versions[v]);
            }
            long files = atomic_load(&core_content_calls);
            if (status_with_tag(&request, tag) != 304 || atomic_load(&core_content_calls) != files) {
                fail("%s: no 304 for an archive, or not without reading", versions[v]);
            }
        }
        char path[128], tag[96];
        Request request = request_of(0, path);
        whole_archive(&request, 0, tag);
        archive_delete(8);
        plugin_change(OrthancChangeType_Deleted, OrthancResourceType_Instance, resources[8].id);
        if (status_with_tag(&request, tag) != 200) {
            fail("%s: an archive is confirmed after a deletion", versions[v]);
        }
        request.method = OrthancHttpMethod_Post;
        request.body = "{\"Synchronous\":true}";
        Response response = perform(&request);
        expect_files_of(&response, 0, "by POST");
        response_free(&response);
        stop_streaming();
    }

    start_streaming("1.12.5");
    char path[128];
    Request request = request_of(1, path);
    Response response = perform(&request);
    expect_core_answer(&request, &response, "where the server cannot stream");
    response_free(&response);
    stop_streaming();
}

/* A chunk cannot be sent: the files that follow are not read, nothing is said about it, and whoever had the archive keeps it. */
static void archive_whose_client_leaves(void)
{
    start_streaming(DEFAULT_VERSION);
    char path[128], tag[96];
    Request request = request_of(0, path);
    whole_archive(&request, 0, tag);
    expect_line_soon('W', "streamed by the plugin"); /* the last of the start */
    archive_use_files_of(LARGE_FILE);
    for (int after = 0; after < 3; after++) {
        int lines = log_count('E', "") + log_count('W', "");
        long files = atomic_load(&core_content_calls);
        fault_set((Fault){.kind = FAULT_ERROR, .service = OrthancService_SendStreamChunk, .code = OrthancErrorCode_NetworkProtocol,
                          .after = after, .remaining = -1});
        Response response = perform(&request);
        fault_clear();
        long read = atomic_load(&core_content_calls) - files;
        if (is_whole(&response) || fault_uses() != 1) {
            fail("a client that left after %d chunks was sent %d more", after, fault_uses() - 1);
        }
        if (read > READ_BEFORE_IT_IS_NOTICED + after) {
            fail("%ld files were read for a client that left after %d chunks", read, after);
        }
        response_free(&response);
        memory_expect_none_soon("after a client has left");
        if (atomic_load(&core_content_calls) - files != read) {
            fail("files are read for a client that has left");
        }
        if (log_count('E', "") + log_count('W', "") != lines) {
            fail("a client that leaves is in the log");
        }
    }
    archive_use_files_of(0);
    if (status_with_tag(&request, tag) != 304) {
        fail("who has an archive is sent it again because another client left");
    }
    fault_set((Fault){.kind = FAULT_ERROR, .service = OrthancService_StartStreamAnswer, .code = OrthancErrorCode_NetworkProtocol, .remaining = -1});
    Response response = perform(&request);
    expect_answer_or_error(&request, &response, "where no stream begins");
    response_free(&response);
    fault_clear();
    whole_archive(&request, 0, tag);
    stop_streaming();
}

/* A file of the middle is an error or gone: the ZIP has no directory, and nobody who has it is told that it is good. */
static void archive_that_cannot_be_read(void)
{
    static const int instances[] = {7, 9, 12};
    start_streaming(DEFAULT_VERSION);
    for (size_t i = 0; i < COUNT_OF(instances); i++) {
        char path[128], tag[96], file[128];
        Request request = request_of(0, path);
        whole_archive(&request, 0, tag);
        snprintf(file, sizeof(file), "%s/file", resources[instances[i]].id);
        fault_set((Fault){.kind = FAULT_ERROR, .service = OrthancService_CallRestApi, .path = file, .code = OrthancErrorCode_InexistentFile, .remaining = -1});
        Response response = perform(&request);
        if (fault_uses() == 0 || is_whole(&response)) {
            fail("without instance %d, an archive looks whole", instances[i]);
        }
        if (response.status == 200 && response.code == OrthancErrorCode_Success) {
            fail("an archive that was broken off is called a success");
        }
        response_free(&response);
        fault_clear();
        if (status_with_tag(&request, tag) != 200) {
            fail("a broken archive is confirmed");
        }
    }
    stop_streaming();
}

typedef struct Download {
    pthread_t thread;
    Request request;
    Response response;
} Download;

static void *download(void *argument)
{
    Download *mine = argument;
    mine->response = perform(&mine->request);
    return NULL;
}

typedef struct Moment {
    const char *what;
    OrthancService service;
    const char *path;
    int after;
} Moment;

static const Moment moments[] = {
    {"its first chunk is sent", OrthancService_SendStreamChunk, NULL, 0},
    {"a later chunk is sent", OrthancService_SendStreamChunk, NULL, 3},
    {"its first file is read", OrthancService_CallRestApi, "/file", 0},
    {"a later file is read", OrthancService_CallRestApi, "/file", 3},
};

/* Begins a download that hangs in that moment, of somebody who has no archive yet. */
static void begin_download(Download *download_of, const Moment *moment, char path[128])
{
    archive_use_files_of(LARGE_FILE);
    fault_set((Fault){.kind = FAULT_HANG, .service = moment->service, .path = moment->path, .after = moment->after, .remaining = 1});
    *download_of = (Download){.request = request_of(0, path)};
    pthread_create(&download_of->thread, NULL, download, download_of);
    if (!fault_wait_for_hang()) {
        fail("nothing hangs while %s", moment->what);
    }
}

/* It has ended without a directory, or was refused. */
static void end_download(Download *download_of, const Moment *moment, char tag[96])
{
    pthread_join(download_of->thread, NULL);
    if (is_whole(&download_of->response)) {
        fail("an archive looks whole after an end while %s", moment->what);
    }
    const char *given = header_of(&download_of->response, "ETag");
    snprintf(tag, 96, "%s", given == NULL ? "" : given);
    response_free(&download_of->response);
}

static void expect_no_confirmation(const char *tag, const Moment *moment)
{
    char path[128], other[96];
    Request request = request_of(0, path);
    whole_archive(&request, 0, other);
    if (*tag != 0 && status_with_tag(&request, tag) != 200) {
        fail("after an end while %s, half an archive is confirmed", moment->what);
    }
    if (status_with_tag(&request, other) != 304) {
        fail("after an end while %s, an archive is not confirmed any more", moment->what);
    }
}

/* As Orthanc does it: it says that it stops, waits for its clients, and only then finalizes. */
static void stop_while_archives_are_streamed(void)
{
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        char path[128], tag[96], other[96];
        Download one;
        start_streaming(DEFAULT_VERSION);
        Request request = request_of(0, path);
        whole_archive(&request, 0, other);
        begin_download(&one, &moments[i], path);
        plugin_change(OrthancChangeType_OrthancStopped, OrthancResourceType_None, NULL);
        long files = atomic_load(&core_content_calls);
        fault_release();
        end_download(&one, &moments[i], tag);
        if (atomic_load(&core_content_calls) > files + 1) {
            fail("%ld files were read after the server said that it stops", atomic_load(&core_content_calls) - files);
        }
        archive_use_files_of(0);
        stop();
        start(DEFAULT_VERSION, "");
        expect_no_confirmation(tag, &moments[i]);
        stop_streaming();
    }
}

/* A server that does not wait for its clients, nor for what is asked of it; it comes back from there in the next life of the plugin. */
static void finalize_while_archives_are_streamed(void)
{
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        char path[128], tag[96], other[96];
        Download one;
        struct timespec began, ended;
        start_streaming(DEFAULT_VERSION);
        Request request = request_of(0, path);
        whole_archive(&request, 0, other);
        begin_download(&one, &moments[i], path);
        clock_gettime(CLOCK_MONOTONIC, &began);
        plugin_finalize();
        clock_gettime(CLOCK_MONOTONIC, &ended);
        if (ended.tv_sec - began.tv_sec > LONGEST_STOP_SECONDS) {
            fail("Finalize took %ld s while %s", (long)(ended.tv_sec - began.tv_sec), moments[i].what);
        }
        fault_clear();
        memory_outlives_plugin();
        start(DEFAULT_VERSION, "");
        fault_release();
        end_download(&one, &moments[i], tag);
        archive_use_files_of(0);
        expect_no_confirmation(tag, &moments[i]);
        stop_streaming();
    }
}

const Scenario archive_scenarios[] = {
    {"archives-are-streamed", archives_are_streamed},
    {"archive-whose-client-leaves", archive_whose_client_leaves},
    {"archive-that-cannot-be-read", archive_that_cannot_be_read},
    {"stop-while-archives-are-streamed", stop_while_archives_are_streamed},
    {"finalize-while-archives-are-streamed", finalize_while_archives_are_streamed},
    {NULL, NULL},
};
