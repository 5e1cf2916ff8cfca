/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The built-in REST API, as far as the plugin or a client asks for it: the cached routes, the questions that versions are made of, and
 * a few methods that change something.
 */
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "uri.h"

/* A setting of the server that shapes every answer. */
static char encoding[32] = "Latin1";

void core_reset(void)
{
    strcpy(encoding, "Latin1");
}

static const char *header(HeaderList headers, const char *name)
{
    for (uint32_t i = 0; i < headers.count; i++) {
        if (strcasecmp(headers.keys[i], name) == 0) {
            return headers.values[i];
        }
    }
    return "";
}

static int level_of(const char *name)
{
    for (int level = 0; level < 4; level++) {
        if (strcmp(name, level_names[level]) == 0) {
            return level;
        }
    }
    return -1;
}

typedef struct ContentRoute {
    const char *name;
    bool of_instances;
    const char *type;
    const char *extension; /* null: no Content-Disposition */
} ContentRoute;

static const ContentRoute content_routes[] = {
    {"archive", false, "application/zip", "zip"},
    {"media", false, "application/zip", "zip"},
    {"attachments", false, "application/json", NULL},
    {"instances-tags", false, "application/json", NULL},
    {"shared-tags", false, "application/json", NULL},
    {"attachments", true, "application/json", NULL},
    {"file", true, "application/dicom", "dcm"},
    {"frames", true, "application/json", NULL},
    {"header", true, "application/json", NULL},
    {"metadata", true, "application/json", NULL},
    {"pdf", true, "application/pdf", NULL},
    {"preview", true, "image/png", NULL},
    {"simplified-tags", true, "application/json", NULL},
    {"tags", true, "application/json", NULL},
};

static const ContentRoute *content_route(const Uri *uri)
{
    int level = uri->part_count < 3 ? -1 : level_of(uri->parts[0]);
    bool frame = level == INSTANCE && uri->part_count == 5 && strcmp(uri->parts[2], "frames") == 0;
    static const ContentRoute frame_route = {"frames", true, "image/png", NULL};
    if (frame) {
        return &frame_route;
    }
    for (size_t i = 0; level >= 0 && uri->part_count == 3 && i < COUNT_OF(content_routes); i++) {
        if (content_routes[i].of_instances == (level == INSTANCE) && strcmp(content_routes[i].name, uri->parts[2]) == 0) {
            return &content_routes[i];
        }
    }
    return NULL;
}

bool core_is_content(const char *text)
{
    Uri uri;
    uri_parse(&uri, text);
    return content_route(&uri) != NULL;
}

static void write_content(CoreAnswer *answer, const ContentRoute *route, const Uri *uri, int resource, HeaderList headers)
{
    static const char *const known[] = {"expand", "extended", "filename", "full", "ignore-length", "lossy-quality", "numeric", "quality",
                                        "short", "simplify", "transcode", "whole", "width"};
    bool json = strcmp(route->type, "application/json") == 0;
    bool xml = json && strstr(header(headers, "accept"), "application/xml") != NULL;
    answer->content_type = xml ? "application/xml" : route->type;
    if (route->extension != NULL) {
        snprintf(answer->disposition, sizeof(answer->disposition), "filename=\"%s.%s\"", resources[resource].id, route->extension);
    }
    text_print(&answer->body, "{\"secret\":\"TOPSECRET\",\"xml\":%d,\"id\":\"%s\",\"version\":%d,\"encoding\":\"%s\",\"route\":\"%s", xml,
               resources[resource].id, atomic_load(&resources[resource].version), encoding, route->name);
    for (int i = 3; i < uri->part_count; i++) {
        text_print(&answer->body, "/%s", uri->parts[i]);
    }
    text_print(&answer->body, "\",\"arguments\":[");
    int count = 0;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (uri_has_argument(uri, known[i])) {
            text_print(&answer->body, "%s\"%s\"", count++ == 0 ? "" : ",", known[i]);
        }
    }
    text_print(&answer->body, "],\"rows\":[%d,\"%01500d\"", resource, resource); /* large enough to be worth compressing */
    text_print(&answer->body, "]}");
    if (!json) {
        text_append(&answer->body, "\0\1\2\377", 4);
    }
    if (strcmp(route->type, "application/zip") == 0) {
        /* A whole archive ends with its directory, empty here: without it, the plugin takes it for a half one. */
        static const char end[22] = "PK\5\6";
        text_append(&answer->body, end, sizeof(end));
    }
}

static void write_statistics(Text *body, int resource)
{
    long bytes = archive_bytes(resource);
    text_print(body, "{\"CountInstances\":%d,\"CountPatients\":%d,\"CountSeries\":%d,\"CountStudies\":%d,",
               archive_count(resource, INSTANCE), archive_count(resource, PATIENT), archive_count(resource, SERIES),
               archive_count(resource, STUDY));
    text_print(body, "\"DicomDiskSize\":\"%ld\",\"DicomDiskSizeMB\":0,\"DicomUncompressedSize\":\"%ld\",\"DicomUncompressedSizeMB\":0,",
               bytes, bytes);
    text_print(body, "\"DiskSize\":\"%ld\",\"DiskSizeMB\":0,\"UncompressedSize\":\"%ld\"}", bytes, bytes);
}

static void write_resource(Text *body, int resource)
{
    static const char *const children[] = {"Studies", "Series", "Instances"};
    int level = resources[resource].level;
    text_print(body, "{\"ID\":\"%s\",\"MainDicomTags\":{\"Number\":\"%d\"},\"PatientMainDicomTags\":{\"PatientID\":\"1\"}",
               resources[resource].id, resource);
    if (level < INSTANCE) {
        int count = 0;
        text_print(body, ",\"%s\":[", children[level]);
        for (int i = 0; i < resource_count; i++) {
            if (resources[i].parent == resource && archive_find(level + 1, resources[i].id) == i) {
                text_print(body, "%s\"%s\"", count++ == 0 ? "" : ",", resources[i].id);
            }
        }
        text_print(body, "]");
    }
    text_print(body, ",\"IsStable\":true}");
}

/* All resources of a level above or below another one. */
static void write_relatives(Text *body, int resource, int level)
{
    int count = 0;
    text_print(body, "[");
    for (int i = 0; i < resource_count; i++) {
        if (resources[i].level == level && archive_is_below(i, resource)) {
            text_print(body, count++ == 0 ? "" : ",");
            write_resource(body, i);
        }
    }
    text_print(body, "]");
}

static bool is(const Uri *uri, int part, const char *text)
{
    return part < uri->part_count && strcmp(uri->parts[part], text) == 0;
}

static void get_of_resource(CoreAnswer *answer, const Uri *uri, int resource, HeaderList headers)
{
    const ContentRoute *route = content_route(uri);
    int level = resources[resource].level;
    char last_update[16], md5[33];
    archive_read(resource, last_update, md5);
    answer->status = 200;
    answer->content_type = "application/json";
    if (route != NULL) {
        write_content(answer, route, uri, resource, headers);
    } else if (uri->part_count == 2) {
        write_resource(&answer->body, resource);
    } else if (uri->part_count == 3 && is(uri, 2, "statistics")) {
        write_statistics(&answer->body, resource);
    } else if (uri->part_count == 3 && level_of(uri->parts[2]) > level) {
        write_relatives(&answer->body, resource, level_of(uri->parts[2]));
    } else if (uri->part_count == 3 && ((is(uri, 2, "study") && level == SERIES) || (is(uri, 2, "patient") && (level == SERIES || level == STUDY)))) {
        write_resource(&answer->body, is(uri, 2, "study") ? resources[resource].parent : 0);
    } else if (is(uri, 2, "metadata") && is(uri, 3, level == INSTANCE ? "ReceptionDate" : "LastUpdate")) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "%s", last_update);
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && is(uri, 4, "md5")) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "%s", md5);
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && is(uri, 4, "info")) {
        text_print(&answer->body, "{\"CompressedMD5\":\"%s\",\"UncompressedMD5\":\"%s\"}", md5, md5);
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && uri->part_count == 5) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "%d", 10000 + resource);
    } else {
        answer->status = 404;
    }
}

static CoreAnswer get_answer(const Uri *uri, HeaderList headers)
{
    CoreAnswer answer = {.status = 404, .content_type = "application/json"};
    text_append(&answer.body, "", 0);
    int level = uri->part_count >= 2 ? level_of(uri->parts[0]) : -1;
    int resource = level < 0 ? -1 : archive_find(level, uri->parts[1]);
    if (resource >= 0) {
        get_of_resource(&answer, uri, resource, headers);
    } else if (uri->part_count == 1 && is(uri, 0, "statistics")) {
        answer.status = 200;
        write_statistics(&answer.body, -1);
    } else if (uri->part_count == 1 && is(uri, 0, "changes")) {
        answer.status = 200;
        text_print(&answer.body, "{\"Changes\":[{\"Seq\":%d}],\"Done\":true,\"Last\":%d}", archive_last_change(), archive_last_change());
    } else if (uri->part_count == 1 && is(uri, 0, "system")) {
        answer.status = 200;
        text_print(&answer.body, "{\"ApiVersion\":22,\"DatabaseVersion\":6,\"Name\":\"host\",\"Version\":\"1\"}");
    } else if (uri->part_count == 1 && (is(uri, 0, "jobs") || is(uri, 0, "plugins"))) {
        answer.status = 200;
        text_print(&answer.body, "[]");
    } else if (uri->part_count == 2 && is(uri, 0, "jobs")) {
        answer.status = 200;
        text_print(&answer.body, "{\"State\":\"Failure\"}");
    } else if (uri->part_count == 2 && is(uri, 0, "tools") && is(uri, 1, "default-encoding")) {
        answer.status = 200;
        answer.content_type = "text/plain";
        text_print(&answer.body, "%s", encoding);
    }
    return answer;
}

CoreAnswer core_answer(OrthancHttpMethod method, const char *text, HeaderList headers, const void *body, size_t size)
{
    Uri uri;
    uri_parse(&uri, text);
    if (method == OrthancHttpMethod_Get) {
        return get_answer(&uri, headers);
    }

    CoreAnswer answer = {.status = 405, .content_type = "application/json"};
    text_append(&answer.body, "", 0);
    int level = uri.part_count >= 2 ? level_of(uri.parts[0]) : -1;
    int resource = level < 0 ? -1 : archive_find(level, uri.parts[1]);
    if (method == OrthancHttpMethod_Put && uri.part_count == 2 && is(&uri, 0, "tools") && is(&uri, 1, "default-encoding")) {
        answer.status = 200;
        snprintf(encoding, sizeof(encoding), "%.*s", (int)size, (const char *)body);
        return answer;
    }
    bool archive = uri.part_count == 3 && (is(&uri, 2, "archive") || is(&uri, 2, "media")) && level < INSTANCE;
    if (resource < 0) {
        answer.status = 404;
    } else if (method == OrthancHttpMethod_Post && archive) {
        answer.status = 200; /* says back what it got, so that a lost body shows */
        text_print(&answer.body, "{\"Posted\":");
        text_append(&answer.body, body, size);
        text_print(&answer.body, "}");
    } else if (method == OrthancHttpMethod_Delete && uri.part_count == 2 && level == INSTANCE) {
        archive_delete(resource);
        answer.status = 200;
        text_print(&answer.body, "{\"RemainingAncestor\":null}");
    }
    return answer;
}
