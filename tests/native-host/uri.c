/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uri.h"

static void decode(char *text, bool plus_is_space)
{
    char *target = text;
    for (; *text != 0; text++, target++) {
        unsigned value;
        if (*text == '%' && sscanf(text + 1, "%2x", &value) == 1) {
            *target = (char)value;
            text += 2;
        } else {
            *target = plus_is_space && *text == '+' ? ' ' : *text;
        }
    }
    *target = 0;
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void uri_parse(Uri *uri, const char *text)
{
    memset(uri, 0, sizeof(*uri));
    snprintf(uri->text, sizeof(uri->text), "%s", text);
    char *query = strchr(uri->text, '?');
    char *rest;
    if (query != NULL) {
        *query++ = 0;
        char *part = strtok_r(query, "&", &rest);
        for (; part != NULL && uri->argument_count < MAXIMUM_ARGUMENTS; part = strtok_r(NULL, "&", &rest)) {
            uri->arguments[uri->argument_count++] = part;
            decode(part, true);
            size_t size = strlen(part);
            if (size > 0 && part[size - 1] == '=') {
                part[size - 1] = 0; /* the core does not tell "short" from "short=" */
            }
        }
        qsort(uri->arguments, (size_t)uri->argument_count, sizeof(char *), compare);
    }
    for (char *part = strtok_r(uri->text, "/", &rest); part != NULL && uri->part_count < MAXIMUM_PARTS; part = strtok_r(NULL, "/", &rest)) {
        decode(part, false);
        uri->parts[uri->part_count++] = part;
    }
}

bool uri_has_argument(const Uri *uri, const char *name)
{
    size_t size = strlen(name);
    for (int i = 0; i < uri->argument_count; i++) {
        if (strncmp(uri->arguments[i], name, size) == 0 && (uri->arguments[i][size] == 0 || uri->arguments[i][size] == '=')) {
            return true;
        }
    }
    return false;
}
