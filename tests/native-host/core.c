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
static bool tells_of_files;

void core_reset(void)
{
    strcpy(encoding, "Latin1");
    tells_of_files = false;
}

void core_tell_of_files(bool tell)
{
    tells_of_files = tell;
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

/* What stands in every response, so that one of another state, setting or route shows. */
static void write_description(Text *body, const ContentRoute *route, const Uri *uri, int resource, bool xml)
{
    static const char *const known[] = {"expand", "extended", "filename", "full", "ignore-length", "lossy-quality", "numeric", "quality",
                                        "short", "simplify", "transcode", "whole", "width"};
    text_print(body, "{\"secret\":\"TOPSECRET\",\"xml\":%d,\"id\":\"%s\",\"version\":%d,\"encoding\":\"%s\",\"route\":\"%s", xml,
               resources[resource].id, atomic_load(&resources[resource].version), encoding, route->name);
    for (int i = 3; i < uri->part_count; i++) {
        text_print(body, "/%s", uri->parts[i]);
    }
    text_print(body, "\",\"arguments\":[");
    int count = 0;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (uri_has_argument(uri, known[i])) {
            text_print(body, "%s\"%s\"", count++ == 0 ? "" : ",", known[i]);
        }
    }
    text_print(body, "],\"rows\":[%d,\"%01500d\"]}", resource, resource); /* large enough to be worth compressing */
}

typedef enum TagFormat { FULL, SHORT, SIMPLIFIED, XML } TagFormat;

static TagFormat tag_format(const Uri *uri, bool xml)
{
    return xml ? XML
        : uri_has_argument(uri, "simplify") || strcmp(uri->parts[2], "simplified-tags") == 0 ? SIMPLIFIED
        : uri_has_argument(uri, "short") ? SHORT
        : FULL;
}

static void write_tag(Text *body, TagFormat format, int depth, bool first, const char *number, const char *name, const char *value)
{
    int blanks = 3 * depth;
    if (format == XML) {
        text_print(body, "\n%*s<%s>%s</%s>", 2 * depth, "", number, value == NULL ? "" : value, number);
    } else if (format == FULL) {
        text_print(body, "%s\n%*s\"%s\" : \n%*s{\n%*s\"Name\" : \"%s\",\n", first ? "" : ",", blanks, "", number, blanks, "", blanks + 3, "", name);
        text_print(body, "%*s\"Type\" : \"%s\",\n%*s\"Value\" : ", blanks + 3, "", value == NULL ? "Null" : "String", blanks + 3, "");
        text_print(body, value == NULL ? "null" : "\"%s\"", value);
        text_print(body, "\n%*s}", blanks, "");
    } else {
        text_print(body, "%s\n%*s\"%s\" : ", first ? "" : ",", blanks, "", format == SIMPLIFIED ? name : number);
        text_print(body, value == NULL ? "null" : "\"%s\"", value);
    }
}

/*
 * The tags of an instance as those below a resource: its identifier and version stand in each of them, so they are shared by all. Null for
 * what all instances share.
 */
static void write_dataset(Text *body, TagFormat format, int depth, int resource, const char *instance)
{
    char set[64], version[64], rows[2048];
    snprintf(set, sizeof(set), "encoding %s", encoding);
    snprintf(version, sizeof(version), "version %d", atomic_load(&resources[resource].version));
    snprintf(rows, sizeof(rows), "rows %01500d", resource);
    const struct { const char *number, *name, *value; bool of_instances; } tags[] = {
        {"0008,0005", "SpecificCharacterSet", set, false},
        {"0008,0018", "SOPInstanceUID", instance, true},
        {"0010,0010", "PatientName", "TOPSECRET", false},
        {"0020,000d", "StudyInstanceUID", resources[resource].id, false},
        {"0020,0010", "StudyID", version, false},
        {"0028,3006", "LUTData", rows, false},
        {"7fe0,0010", "PixelData", NULL, true},
    };
    static const size_t by_number[] = {0, 1, 2, 3, 4, 5, 6}, by_name[] = {5, 2, 6, 1, 0, 4, 3};
    bool first = true;
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        size_t tag = (format == SIMPLIFIED ? by_name : by_number)[i];
        if (instance != NULL || !tags[tag].of_instances) {
            write_tag(body, format, depth, first, tags[tag].number, tags[tag].name, tags[tag].value);
            first = false;
        }
    }
}

/* The instances below a resource, or itself. */
static int instances_below(int resource, int found[], int maximum)
{
    int count = 0;
    for (int i = 0; i < resource_count && count < maximum; i++) {
        if (resources[i].level == INSTANCE && archive_is_below(i, resource) && archive_find(INSTANCE, resources[i].id) == i) {
            found[count++] = i;
        }
    }
    return count;
}

static void write_tags(Text *body, const Uri *uri, int resource, bool xml)
{
    TagFormat format = tag_format(uri, xml);
    bool of_instances = strcmp(uri->parts[2], "instances-tags") == 0, shared = strcmp(uri->parts[2], "shared-tags") == 0;
    int found[16];
    int count = instances_below(resource, found, COUNT_OF(found));
    if (count == 0) {
        found[count++] = resource; /* Orthanc would have deleted it; here it goes on, and its version must show */
    }
    text_print(body, format == XML ? "<root>" : "{");
    if (!of_instances) {
        write_dataset(body, format, 1, resource, !shared ? resources[resource].id : NULL);
        if (shared && count == 1) {
            write_tag(body, format, 1, false, "0008,0018", "SOPInstanceUID", resources[found[0]].id);
        }
    }
    for (int i = 0; of_instances && i < count; i++) {
        const char *id = resources[found[i]].id;
        if (format == XML) {
            text_print(body, "\n  <%s>", id);
            write_dataset(body, format, 2, resource, id);
            text_print(body, "\n  </%s>", id);
        } else {
            text_print(body, "%s\n   \"%s\" : \n   {", i == 0 ? "" : ",", id);
            write_dataset(body, format, 2, resource, id);
            text_print(body, "\n   }");
        }
    }
    text_print(body, format == XML ? "\n</root>" : "\n}");
}

static void write_file(Text *body, int resource, size_t size)
{
    size_t start = body->size;
    for (int i = 0; i < 32; i++) {
        text_append(body, "ABCD", 4); /* a preamble may hold anything */
    }
    text_print(body, "DICM TOPSECRET \"id\":\"%s\",\"version\":%d,", resources[resource].id, atomic_load(&resources[resource].version));
    char filler[512];
    memset(filler, 1, sizeof(filler));
    while (body->size - start < size) {
        size_t left = size - (body->size - start);
        text_append(body, filler, left < sizeof(filler) ? left : sizeof(filler));
    }
}

static void write_number(Text *body, unsigned long value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        text_append(body, &(char){(char)(i < 8 ? value >> (8 * i) : 0)}, 1);
    }
}

/* A header of an entry, stored as it is (APPNOTE.TXT, 4.3.7 and 4.3.12). */
static void write_entry(Text *body, bool central, size_t name, size_t size, size_t offset)
{
    text_append(body, central ? "PK\1\2\24\0" : "PK\3\4", central ? 6 : 4);
    write_number(body, 20, 2);
    write_number(body, 0, 8); /* flags, method, time */
    write_number(body, 0, 4); /* nobody who reads a few bytes looks at the checksum */
    write_number(body, size, 4);
    write_number(body, size, 4);
    write_number(body, name, 2);
    write_number(body, 0, central ? 12 : 2);
    if (central) {
        write_number(body, offset, 4);
    }
}

/* An archive behind the description, as in one that extracts itself. */
static void write_archive(Text *body, int resource, bool media)
{
    char names[17][64];
    size_t offsets[17], sizes[17];
    int found[16];
    int instances = instances_below(resource, found, COUNT_OF(found)), count = instances + (media ? 1 : 0);
    for (int i = 0; i < count; i++) {
        sizes[i] = i < instances ? (size_t)archive_bytes(found[i]) : 500;
        snprintf(names[i], sizeof(names[i]), "%s", i < instances ? resources[found[i]].id : "DICOMDIR");
        offsets[i] = body->size;
        write_entry(body, false, strlen(names[i]), sizes[i], 0);
        text_append(body, names[i], strlen(names[i]));
        write_file(body, i < instances ? found[i] : resource, sizes[i]);
    }
    size_t directory = body->size;
    for (int i = 0; i < count; i++) {
        write_entry(body, true, strlen(names[i]), sizes[i], offsets[i]);
        text_append(body, names[i], strlen(names[i]));
    }
    size_t size = body->size - directory;
    text_append(body, "PK\5\6\0\0\0\0", 8);
    write_number(body, (unsigned long)count, 2);
    write_number(body, (unsigned long)count, 2);
    write_number(body, size, 4);
    write_number(body, directory, 4);
    write_number(body, 0, 2);
}

static void write_content(CoreAnswer *answer, const ContentRoute *route, const Uri *uri, int resource, HeaderList headers)
{
    bool json = strcmp(route->type, "application/json") == 0;
    bool xml = json && strstr(header(headers, "accept"), "application/xml") != NULL;
    answer->content_type = xml ? "application/xml" : route->type;
    if (route->extension != NULL) {
        snprintf(answer->disposition, sizeof(answer->disposition), "filename=\"%s.%s\"", resources[resource].id, route->extension);
    }
    if (json && strstr(route->name, "tags") != NULL) {
        write_tags(&answer->body, uri, resource, xml);
    } else if (strcmp(route->name, "file") == 0) {
        write_file(&answer->body, resource, (size_t)archive_bytes(resource));
    } else {
        if (strcmp(route->name, "header") == 0) {
            text_print(&answer->body, xml ? "\n  <0002,0010>" : "\n   \"0002,0010\" : ");
        }
        write_description(&answer->body, route, uri, resource, xml);
        if (!json) {
            text_append(&answer->body, "\0\1\2\377", 4);
        }
        if (strcmp(route->type, "application/zip") == 0) {
            write_archive(&answer->body, resource, strcmp(route->name, "media") == 0);
        }
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
    if (tells_of_files && level == SERIES) {
        text_print(body, ",\"ParentStudy\":\"%s\"", resources[resources[resource].parent].id);
    } else if (tells_of_files && level == INSTANCE) {
        text_print(body, ",\"FileSize\":%ld,\"IndexInSeries\":%d", archive_bytes(resource), resource);
    }
    text_print(body, ",\"IsStable\":true}");
}

/*
 * All resources of a level above or below another one. Who is not told of files is told of deleted instances, too: a list that fits no
 * resource, so that archives are left to the core, whose answers have a version in them.
 */
static void write_relatives(Text *body, int resource, int level)
{
    int count = 0;
    text_print(body, "[");
    for (int i = 0; i < resource_count; i++) {
        if (resources[i].level == level && archive_is_below(i, resource) && !(tells_of_files && resources[i].deleted)) {
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
    } else if (level == INSTANCE && is(uri, 2, "metadata") && is(uri, 3, "PixelDataOffset")) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "100");
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && is(uri, 4, "md5")) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "%s", md5);
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && is(uri, 4, "info")) {
        text_print(&answer->body, "{\"CompressedMD5\":\"%s\",\"UncompressedMD5\":\"%s\"}", md5, md5);
    } else if (level == INSTANCE && is(uri, 2, "attachments") && is(uri, 3, "dicom") && uri->part_count == 5) {
        answer->content_type = "text/plain";
        text_print(&answer->body, "%ld", archive_bytes(resource));
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
