/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NATIVE_HOST_URI_H
#define NATIVE_HOST_URI_H

#include <stdbool.h>

#define MAXIMUM_PARTS 12
#define MAXIMUM_ARGUMENTS 32

/* A path and its arguments, percent-decoded; the arguments are sorted. */
typedef struct Uri {
    char text[2048];
    char *parts[MAXIMUM_PARTS];
    int part_count;
    char *arguments[MAXIMUM_ARGUMENTS];
    int argument_count;
} Uri;

void uri_parse(Uri *uri, const char *text);
bool uri_has_argument(const Uri *uri, const char *name);

#endif
