/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static const char *const parent_routes[] = {
    "archive", "attachments", "attachments?full", "instances-tags", "instances-tags?short", "instances-tags?simplify", "media",
    "shared-tags", "shared-tags?simplify",
};
static const char *const instance_routes[] = {
    "attachments", "file", "frames", "frames/0/preview", "frames/0/raw", "header", "metadata", "metadata?expand", "pdf", "raw", "preview",
    "tags", "simplified-tags",
};

/* Calls back with each cached route of each resource. */
static void for_each_route(void (*action)(const Request *request))
{
    for (int i = 0; i < resource_count; i++) {
        bool instance = resources[i].level == INSTANCE;
        size_t count = instance ? COUNT_OF(instance_routes) : COUNT_OF(parent_routes);
        for (size_t j = 0; j < count; j++) {
            char path[256];
            const char *route = instance ? instance_routes[j] : parent_routes[j];
            snprintf(path, sizeof(path), "/%s/%s/%s", level_names[resources[i].level], resources[i].id, route);
            char *query = strchr(path, '?');
            if (query != NULL) {
                *query++ = 0;
            }
            Request request = {.method = OrthancHttpMethod_Get, .path = path, .query = query};
            action(&request);
        }
    }
}

static void expect_header(const Request *request, const Response *response, const char *name)
{
    const char *value = header_of(response, name);
    if (value == NULL || *value == 0) {
        fail("%s: status %d without %s", request->path, response->status, name);
    }
}

static void serve_route(const Request *request)
{
    /* Validators are left out while a resource may still change within the same second, and for a moment after the start. */
    static const char *const names[] = {"Date", "Cache-Control", "Expires", "Vary", "Cache-Status"};
    Response response = perform(request);
    if (!response.from_plugin) {
        fail("%s is not registered", request->path);
    }
    expect_core_answer(request, &response, "served");
    for (size_t i = 0; response.status == 200 && i < COUNT_OF(names); i++) {
        expect_header(request, &response, names[i]);
    }
    response_free(&response);
}

static void expect_one_of_each_header(const Response *response)
{
    for (int i = 0; i < response->output->header_count; i++) {
        if (header_of(response, response->output->headers[i][0]) != response->output->headers[i][1]) {
            fail("header %s comes twice", response->output->headers[i][0]);
        }
    }
}

static void revalidate_route(const Request *request)
{
    Response first = wait_for_validators(request);
    if (first.status != 200) {
        response_free(&first);
        return;
    }
    const char *tag = header_of(&first, "ETag");
    expect_one_of_each_header(&first);
    Request again = *request;
    if (tag != NULL) {
        again.headers[0][0] = "if-none-match";
        again.headers[0][1] = tag;
        Response second = perform(&again);
        if (second.status != 304 || second.output->body.size != 0) {
            fail("%s?%s with its own ETag has status %d", request->path, request->query, second.status);
        } else if (header_of(&second, "ETag") == NULL || strcmp(header_of(&second, "ETag"), tag) != 0) {
            fail("%s: the 304 has another ETag", request->path);
        }
        expect_one_of_each_header(&second);
        response_free(&second);
    }
    again.headers[0][0] = "if-modified-since";
    again.headers[0][1] = header_of(&first, "Last-Modified");
    if (again.headers[0][1] != NULL) {
        Response second = perform(&again);
        if (second.status != 304) {
            fail("%s?%s with its own date has status %d", request->path, request->query, second.status);
        }
        response_free(&second);
    }
    again.headers[0][0] = "if-none-match";
    again.headers[0][1] = "\"0123456789abcdef0123456789abcdef\", W/\"x\"";
    Response third = perform(&again);
    expect_core_answer(request, &third, "with the ETag of something else");
    response_free(&third);
    response_free(&first);
}

static void routes(void)
{
    static const char *const versions[] = {"1.10.0", "1.11.3", "1.12.7", "1.13.0", "mainline"};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        start(versions[i], "");
        for_each_route(serve_route);
        for_each_route(serve_route);
        stop();
    }
}

static void not_modified(void)
{
    start(DEFAULT_VERSION, "");
    for_each_route(revalidate_route);
    stop();
}

static void unknown_resources(void)
{
    static const char *const paths[] = {
        "/studies/nonsense/shared-tags", "/studies/00000000-00000000-00000000-00000000-00000000/shared-tags",
        "/instances/00000000-00000000-00000000-00000000-00000000/file", "/patients/%00/archive", "/series/\xff\xfe/instances-tags",
        "/instances/x/frames/99999999999999999999/raw", "/instances/x/frames/-1/../preview",
    };
    for (int version = 0; version < 2; version++) {
        start(version == 0 ? "1.10.1" : DEFAULT_VERSION, "");
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < COUNT_OF(paths); i++) {
                Response response = get(paths[i]);
                if (response.status < 400) {
                    fail("%s has status %d", paths[i], response.status);
                }
                response_free(&response);
            }
        }
        /* A level's route under another level's identifier. */
        char path[128];
        snprintf(path, sizeof(path), "/studies/%s/shared-tags", resources[0].id);
        Response response = get(path);
        if (response.status != 404) {
            fail("a patient's identifier under /studies has status %d", response.status);
        }
        response_free(&response);
        stop();
    }
}

/* What is not GET goes to the core as it is. */
static void other_methods(void)
{
    char path[128];
    start(DEFAULT_VERSION, "");
    snprintf(path, sizeof(path), "/studies/%s/archive", resources[1].id);
    Request post = {.method = OrthancHttpMethod_Post, .path = path, .body = "{\"Asynchronous\":true}"};
    Response response = perform(&post);
    if (response.status != 200 || strcmp(response.output->body.data, "{\"Posted\":{\"Asynchronous\":true}}") != 0) {
        fail("POST archive has status %d and body %s", response.status, response.output->body.data);
    }
    if (header_of(&response, "ETag") != NULL) {
        fail("the answer to a POST has an ETag");
    }
    response_free(&response);

    static const OrthancHttpMethod methods[] = {OrthancHttpMethod_Post, OrthancHttpMethod_Put, OrthancHttpMethod_Delete};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        snprintf(path, sizeof(path), "/instances/%s/tags", resources[6].id);
        Request request = {.method = methods[i], .path = path, .body = methods[i] == OrthancHttpMethod_Delete ? NULL : "x"};
        response = perform(&request);
        if (response.status != 405) {
            fail("method %d of /tags has status %d, the core says 405", methods[i], response.status);
        }
        response_free(&response);
    }
    stop();
}

/* The second request asks the core for nothing; nor does one with the same arguments in another order. */
static void hits(void)
{
    char path[128];
    start(DEFAULT_VERSION, "");
    snprintf(path, sizeof(path), "/studies/%s/instances-tags", resources[1].id);
    Request request = {.method = OrthancHttpMethod_Get, .path = path, .query = "short&ignore-length=7fe0-0010"};
    expect_hit_soon(&request);
    long content = atomic_load(&core_content_calls);
    long other = atomic_load(&core_other_calls);
    static const char *const same[] = {
        "short&ignore-length=7fe0-0010", "ignore-length=7fe0-0010&short", "_=1700000000000&short&ignore-length=7fe0-0010",
        "ignore-length=7fe0-0010&short=&token=TOPSECRET",
    };
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        request.query = same[i];
        Response response = perform(&request);
        expect_core_answer(&request, &response, "as a hit");
        if (!is_hit(&response)) {
            fail("?%s is no hit but %s", same[i], header_of(&response, "Cache-Status"));
        }
        response_free(&response);
    }
    if (atomic_load(&core_content_calls) != content) {
        fail("hits asked the core for content");
    }
    if (atomic_load(&core_other_calls) > other + (long)COUNT_OF(same) * 3) {
        fail("four hits took %ld questions to the core", atomic_load(&core_other_calls) - other);
    }
    request.query = "short";
    Response response = perform(&request);
    expect_core_answer(&request, &response, "with an argument less");
    response_free(&response);

    request.headers[0][0] = "accept";
    request.headers[0][1] = "application/xml";
    for (int i = 0; i < 3; i++) {
        response = perform(&request);
        expect_core_answer(&request, &response, "as XML");
        response_free(&response);
    }
    stop();
}

static void restart(void)
{
    char path[128];
    snprintf(path, sizeof(path), "/patients/%s/shared-tags", resources[0].id);
    Request request = {.method = OrthancHttpMethod_Get, .path = path};
    start(DEFAULT_VERSION, "");
    expect_hit_soon(&request);
    Response before = perform(&request);
    stop();
    start(DEFAULT_VERSION, "");
    char other_path[128];
    snprintf(other_path, sizeof(other_path), "/studies/%s/shared-tags", resources[2].id);
    Request other = {.method = OrthancHttpMethod_Get, .path = other_path};
    expect_hit_soon(&other); /* the moment after the start is over */
    long content = atomic_load(&core_content_calls);
    Response after = perform(&request);
    expect_core_answer(&request, &after, "after a restart");
    if (atomic_load(&core_content_calls) != content || !is_hit(&after)) {
        fail("after a restart the entry was not found again: %s", header_of(&after, "Cache-Status"));
    }
    const char *tags[] = {header_of(&before, "ETag"), header_of(&after, "ETag")};
    if (tags[0] == NULL || tags[1] == NULL || strcmp(tags[0], tags[1]) != 0) {
        fail("the ETag did not survive the restart");
    }
    response_free(&before);
    response_free(&after);
    stop();
}

const Scenario serving_scenarios[] = {
    {"routes", routes},
    {"not-modified", not_modified},
    {"unknown-resources", unknown_resources},
    {"other-methods", other_methods},
    {"hits", hits},
    {"restart", restart},
    {NULL, NULL},
};
