/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests from outside: through the request filter, then to the first route that matches the whole path, else to the core.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"

#define MAXIMUM_GROUPS 16

/* Everything that a callback is lent, so that it can be overwritten afterwards. */
typedef struct Loan {
    char *texts[128];
    int count;
    NativeHttpRequest request;
    const char *groups[MAXIMUM_GROUPS], *get_keys[32], *get_values[32], *header_keys[32], *header_values[32];
} Loan;

static char *lend(Loan *loan, const char *text, size_t size)
{
    char *copy = strndup(text, size);
    loan->texts[loan->count++] = copy;
    return copy;
}

static void take_back(Loan *loan)
{
    for (int i = 0; i < loan->count; i++) {
        memset(loan->texts[i], 'Z', strlen(loan->texts[i]));
        free(loan->texts[i]);
    }
    memset(loan, 0xEE, sizeof(*loan));
}

static void lend_request(Loan *loan, const Request *request)
{
    NativeHttpRequest *r = &loan->request;
    memset(loan, 0, sizeof(*loan));
    r->method = request->method;
    for (const char *part = request->query; part != NULL && *part != 0;) {
        size_t size = strcspn(part, "&");
        const char *equals = memchr(part, '=', size);
        size_t key_size = equals == NULL ? size : (size_t)(equals - part);
        loan->get_keys[r->getCount] = lend(loan, part, key_size);
        loan->get_values[r->getCount++] = equals == NULL ? lend(loan, "", 0) : lend(loan, equals + 1, size - key_size - 1);
        part += size + (part[size] == '&' ? 1 : 0);
    }
    for (size_t i = 0; i < COUNT_OF(request->headers) && request->headers[i][0] != NULL; i++) {
        loan->header_keys[r->headersCount] = lend(loan, request->headers[i][0], strlen(request->headers[i][0]));
        loan->header_values[r->headersCount++] = lend(loan, request->headers[i][1], strlen(request->headers[i][1]));
    }
    /* The server, too, passes null for arrays without elements. */
    r->getKeys = r->getCount == 0 ? NULL : loan->get_keys;
    r->getValues = r->getCount == 0 ? NULL : loan->get_values;
    r->headersKeys = r->headersCount == 0 ? NULL : loan->header_keys;
    r->headersValues = r->headersCount == 0 ? NULL : loan->header_values;
    if (request->body != NULL) {
        r->body = lend(loan, request->body, strlen(request->body));
        r->bodySize = (uint32_t)strlen(request->body);
    }
}

static RestCallback match(Loan *loan, const char *path)
{
    for (int i = 0; i < registered.route_count; i++) {
        const Route *route = &registered.routes[i];
        regmatch_t groups[MAXIMUM_GROUPS];
        if (regexec(&route->pattern, path, MAXIMUM_GROUPS, groups, 0) == 0 && groups[0].rm_so == 0 && path[groups[0].rm_eo] == 0) {
            size_t count = route->pattern.re_nsub;
            for (size_t g = 1; g <= count && g < MAXIMUM_GROUPS; g++) {
                loan->groups[g - 1] = lend(loan, path + groups[g].rm_so, (size_t)(groups[g].rm_eo - groups[g].rm_so));
            }
            loan->request.groupsCount = (uint32_t)count;
            loan->request.groups = count == 0 ? NULL : loan->groups;
            return route->callback;
        }
    }
    return NULL;
}

static int status_of(OrthancErrorCode code)
{
    switch (code) {
    case OrthancErrorCode_UnknownResource:
    case OrthancErrorCode_InexistentItem:
        return 404;
    case OrthancErrorCode_BadRequest:
        return 400;
    case OrthancErrorCode_NotAcceptable:
        return 406;
    case OrthancErrorCode_Unauthorized:
        return 403;
    default:
        return 500;
    }
}

static bool passes_filter(Loan *loan, const char *path)
{
    const NativeHttpRequest *r = &loan->request;
    if (registered.filter == NULL) {
        return true;
    }
    int32_t answer = registered.filter(r->method, path, "127.0.0.1", r->headersCount, r->headersKeys, r->headersValues, r->getCount,
                                       r->getKeys, r->getValues);
    if (answer != 1) {
        fail("the request filter answered %d for %s", answer, path);
    }
    return answer == 1;
}

static void answer_from_core(Response *response, const Request *request, Loan *loan)
{
    char uri[1024];
    snprintf(uri, sizeof(uri), "%s%s%s", request->path, request->query == NULL ? "" : "?", request->query == NULL ? "" : request->query);
    const NativeHttpRequest *r = &loan->request;
    CoreAnswer answer =
        core_answer(request->method, uri, (HeaderList){r->headersCount, r->headersKeys, r->headersValues}, r->body, r->bodySize);
    response->status = answer.status;
    response->output->body = answer.body;
}

Response perform(const Request *request)
{
    Loan loan;
    lend_request(&loan, request);
    Response response = {.output = output_open()};
    char *path = lend(&loan, request->path, strlen(request->path));
    if (!passes_filter(&loan, path)) {
        response.status = 403;
    } else {
        RestCallback callback = match(&loan, path);
        response.from_plugin = callback != NULL;
        if (callback == NULL) {
            answer_from_core(&response, request, &loan);
        } else {
            response.code = callback(response.output, path, &loan.request);
            if (response.output->answers > 0) {
                response.status = response.output->status;
            } else if (response.code != OrthancErrorCode_Success) {
                response.status = status_of(response.code);
            } else {
                fail("no answer to %s, and no error either", request->path);
            }
        }
    }
    output_close(response.output);
    take_back(&loan);
    return response;
}

Response get(const char *path)
{
    Request request = {.method = OrthancHttpMethod_Get, .path = path};
    return perform(&request);
}

const char *header_of(const Response *response, const char *name)
{
    for (int i = 0; i < response->output->header_count; i++) {
        if (strcasecmp(response->output->headers[i][0], name) == 0) {
            return response->output->headers[i][1];
        }
    }
    return NULL;
}

bool is_hit(const Response *response)
{
    const char *status = header_of(response, "Cache-Status");
    return status != NULL && strstr(status, "response-cache") != NULL && strstr(status, "; hit") != NULL;
}

void response_free(Response *response)
{
    output_free(response->output);
}

static CoreAnswer what_core_says(const Request *request)
{
    Loan loan;
    lend_request(&loan, request);
    Response response = {.output = output_open()};
    answer_from_core(&response, request, &loan);
    CoreAnswer answer = {.status = response.status, .body = response.output->body};
    response.output->body = (Text){0};
    response_free(&response);
    take_back(&loan);
    return answer;
}

void expect_core_answer(const Request *request, const Response *response, const char *when)
{
    CoreAnswer expected = what_core_says(request);
    if (response->status != expected.status) {
        fail("%s: %s?%s has status %d (code %d), the core says %d", when, request->path, request->query == NULL ? "" : request->query,
             response->status, response->code, expected.status);
    } else if (response->status == 200 && !text_equals(&response->output->body, &expected.body)) {
        fail("%s: %s?%s has another body than the core:\n  %.200s\n  %.200s", when, request->path,
             request->query == NULL ? "" : request->query, response->output->body.data, expected.body.data);
    }
    text_free(&expected.body);
}

void expect_answer_or_error(const Request *request, const Response *response, const char *when)
{
    if (response->status == 200) {
        expect_core_answer(request, response, when);
    } else if (response->status < 400) {
        fail("%s: %s has status %d", when, request->path, response->status);
    }
}

static bool gave_up;

/*
 * Answers are stored behind the answer, and states are not trusted until their time stamps are old enough: let time pass, look again.
 * False when it has been too long, and from then on at once: one wait is enough to fail.
 */
static bool wait_a_moment(time_t began)
{
    struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
    gave_up = gave_up || time(NULL) > began + PATIENCE_SECONDS;
    return !gave_up;
}

void expect_line_soon(char level, const char *part)
{
    time_t began = time(NULL);
    while (log_count(level, part) == 0) {
        if (!wait_a_moment(began)) {
            fail("the log has no %c line with \"%s\" after %d seconds", level, part, PATIENCE_SECONDS);
            return;
        }
    }
}

void expect_hit_soon(const Request *request)
{
    time_t began = time(NULL);
    do {
        Response response = perform(request);
        expect_core_answer(request, &response, "while waiting for a hit");
        bool hit = is_hit(&response);
        response_free(&response);
        if (hit) {
            return;
        }
    } while (wait_a_moment(began));
    fail("%s is no hit after %d seconds", request->path, PATIENCE_SECONDS);
}

Response wait_for_validators(const Request *request)
{
    time_t began = time(NULL);
    for (;;) {
        Response response = perform(request);
        expect_core_answer(request, &response, "while waiting for validators");
        const char *tag = header_of(&response, "ETag"), *date = header_of(&response, "Last-Modified");
        if (response.status != 200 || (tag != NULL && date != NULL)) {
            return response;
        }
        bool first_time = !gave_up;
        if (!wait_a_moment(began)) {
            if (first_time) {
                fail("%s has ETag %s and Last-Modified %s after %d seconds", request->path, tag, date, PATIENCE_SECONDS);
            }
            return response;
        }
        response_free(&response);
    }
}
