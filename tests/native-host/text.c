/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

void text_append(Text *text, const void *data, size_t size)
{
    size_t needed = text->size + size + 1;
    if (needed > text->capacity) {
        text->capacity = needed + needed / 2;
        text->data = realloc(text->data, text->capacity);
        if (text->data == NULL) {
            abort();
        }
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    text->data[text->size] = 0;
}

void text_print(Text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *line;
    int size = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (size < 0) {
        abort();
    }
    text_append(text, line, (size_t)size);
    free(line);
}

void text_free(Text *text)
{
    free(text->data);
    *text = (Text){0};
}

bool text_equals(const Text *left, const Text *right)
{
    return left->size == right->size && (left->size == 0 || memcmp(left->data, right->data, left->size) == 0);
}
