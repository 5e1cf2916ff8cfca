/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define MAXIMUM_LINES 4096
#define SHOWN_FAILURES 8

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int failure_count;
static char *lines[MAXIMUM_LINES];
static int line_count;

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&mutex);
    if (++failure_count <= SHOWN_FAILURES) {
        printf("FAILED: ");
        vprintf(format, arguments);
        printf("\n");
        fflush(stdout);
    }
    pthread_mutex_unlock(&mutex);
    va_end(arguments);
}

int failures(void)
{
    pthread_mutex_lock(&mutex);
    int count = failure_count;
    pthread_mutex_unlock(&mutex);
    return count;
}

/* Resources, texts of the archive and tokens of clients have no business in a log. */
static bool tells_secrets(const char *line)
{
    if (strstr(line, "TOPSECRET") != NULL) {
        return true;
    }
    for (int i = 0; i < resource_count; i++) {
        if (strstr(line, resources[i].id) != NULL) {
            return true;
        }
    }
    return false;
}

void log_add(char level, const char *line)
{
    if (line == NULL) {
        fail("a null log line");
        return;
    }
    if (tells_secrets(line)) {
        fail("a log line names a resource or its content: %s", line);
    }
    pthread_mutex_lock(&mutex);
    if (line_count < MAXIMUM_LINES) {
        if (asprintf(&lines[line_count], "%c %s", level, line) < 0) {
            abort();
        }
        line_count++;
    }
    pthread_mutex_unlock(&mutex);
}

void log_add_message(const LogMessageParameters *message)
{
    if (message->level > OrthancLogLevel_Info || message->category != OrthancLogCategory_Generic ||
        strcmp(message->plugin, "response-cache") != 0 || message->file[0] == 0) {
        fail("a log line of level %d from %s, %s", (int)message->level, message->plugin, message->file);
        return;
    }
    log_add("EWI"[message->level], message->message);
}

int log_count(char level, const char *part)
{
    int count = 0;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < line_count; i++) {
        if (lines[i][0] == level && strstr(lines[i], part) != NULL) {
            count++;
        }
    }
    pthread_mutex_unlock(&mutex);
    return count;
}

void log_clear(void)
{
    pthread_mutex_lock(&mutex);
    while (line_count > 0) {
        free(lines[--line_count]);
    }
    pthread_mutex_unlock(&mutex);
}

void log_show(void)
{
    pthread_mutex_lock(&mutex);
    for (int i = line_count > 60 ? line_count - 60 : 0; i < line_count; i++) {
        printf("  log: %s\n", lines[i]);
    }
    pthread_mutex_unlock(&mutex);
}
