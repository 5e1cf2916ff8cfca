/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads the plugin and calls its callbacks as the server does. Texts given to a callback are overwritten when it has returned.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void *library;
static PluginInitialize initialize;
static PluginFinalize finalize;
static PluginGetText get_name, get_version;

static void *symbol(const char *name)
{
    void *address = dlsym(library, name);
    if (address == NULL) {
        printf("FAILED: %s is not exported\n", name);
        exit(1);
    }
    return address;
}

void plugin_load(const char *path)
{
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("FAILED: %s\n", dlerror());
        exit(1);
    }
    initialize = (PluginInitialize)symbol("OrthancPluginInitialize");
    finalize = (PluginFinalize)symbol("OrthancPluginFinalize");
    get_name = (PluginGetText)symbol("OrthancPluginGetName");
    get_version = (PluginGetText)symbol("OrthancPluginGetVersion");
}

void plugin_unload(void)
{
    if (dlclose(library) != 0) {
        fail("dlclose: %s", dlerror());
    }
    library = NULL;
}

int plugin_initialize(const char *version, const char *configuration)
{
    return initialize(services_start(version, configuration));
}

void plugin_finalize(void)
{
    finalize();
    if (services_version_is(1, 13, 0) && atomic_load(&named_threads) != 0) {
        fail("%d threads have not given their names back", atomic_load(&named_threads));
    }
    services_stop();
}

const char *plugin_name(void)
{
    return get_name();
}

const char *plugin_version(void)
{
    return get_version();
}

static char *lend(const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);
    return copy;
}

static void take_back(char *text)
{
    if (text != NULL) {
        memset(text, 'Z', strlen(text));
        free(text);
    }
}

void plugin_change(OrthancChangeType change, OrthancResourceType level, const char *id)
{
    if (registered.change == NULL) {
        return;
    }
    char *text = lend(id);
    OrthancErrorCode code = registered.change(change, level, text);
    take_back(text);
    if (code != OrthancErrorCode_Success) {
        fail("the change callback answered %d", code); /* the server would log an error and drop the rest */
    }
}

void plugin_stored(int instance)
{
    if (registered.stored == NULL) {
        return;
    }
    char *text = lend(resources[instance].id);
    int dicom = 0;
    OrthancErrorCode code = registered.stored((const NativeDicomInstance *)&dicom, text);
    take_back(text);
    if (code != OrthancErrorCode_Success) {
        fail("the stored-instance callback answered %d", code);
    }
}
