/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that plays Orthanc: it loads the plugin, offers the services that the plugin calls, and watches what the plugin does
 * with them. Nothing here comes from Orthanc; how it behaves was read from its sources and measured on it.
 */
#ifndef NATIVE_HOST_H
#define NATIVE_HOST_H

#include <regex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../native-sdk-headers/orthanc_plugin_abi.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MAXIMUM_HEADERS 32
#define PATIENCE_SECONDS 15 /* for what happens behind an answer; far beyond what it takes */

/* ---- text.c: text that grows ------------------------------------------------------------------------------------------- */

typedef struct Text {
    char *data; /* ends with a zero byte that size does not count; never null after the first call */
    size_t size;
    size_t capacity;
} Text;

void text_append(Text *text, const void *data, size_t size);
void text_print(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(Text *text);
bool text_equals(const Text *left, const Text *right);

/* ---- report.c: what went wrong, and what the plugin logged -------------------------------------------------------------- */

void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int failures(void);
void log_add(char level, const char *line); /* 'E', 'W' or 'I' */
void log_add_message(const LogMessageParameters *message);
int log_count(char level, const char *part);
void log_clear(void);
void log_show(void);

/* ---- memory.c: every buffer and text that the plugin must free ---------------------------------------------------------- */

void *memory_hand_out(size_t size);
char *memory_hand_out_text(const char *text);
void memory_free(void *address); /* the Free of the context */
void memory_retain(void *address); /* given away to Orthanc again: no longer the plugin's to free */
void memory_is_of(const NativeContext *context); /* what this thread is handed out once that was finalized must never be freed; null: no matter */
void memory_outlives_plugin(void); /* after a Finalize in the middle of a callback: what that holds must never be freed any more */
void memory_expect_none(const char *when);
void memory_expect_none_soon(const char *when); /* while the plugin runs: it may still be storing what it has answered with */

/* ---- archive.c: a few resources ---------------------------------------------------------------------------------------- */

enum { PATIENT, STUDY, SERIES, INSTANCE };

typedef struct Resource {
    int level;
    int parent; /* index, or -1 */
    char id[45];
    atomic_int version;   /* of everything that follows from its instances */
    atomic_int published; /* the version that an answer must have at least, once the change has been made known */
    char last_update[16];
    bool deleted;
} Resource;

extern const char *const level_names[4];
extern Resource resources[];
extern const int resource_count;

void archive_reset(void);
int archive_find(int level, const char *id); /* -1 for what is not there */
int archive_count(int ancestor, int level);  /* ancestor -1: of the whole archive */
long archive_bytes(int ancestor);
int archive_last_change(void);
bool archive_is_below(int resource, int ancestor);
void archive_read(int resource, char last_update[16], char md5[33]);
void archive_overwrite(int instance); /* as a new upload of it: the versions of all its parents move */
void archive_delete(int instance);    /* siblings remain; LastUpdate of the parents moves as the server's version has it */
void archive_publish(int instance);
void archive_use_old_times(bool use); /* each change gets a second of its own, years ago, instead of the current one */
void archive_use_files_of(long size);  /* bytes of each instance's file; 0: as after archive_reset */

/* ---- core.c: the built-in REST API -------------------------------------------------------------------------------------- */

typedef struct CoreAnswer {
    int status;
    Text body;
    const char *content_type;
    char disposition[96]; /* empty where there is none */
} CoreAnswer;

typedef struct HeaderList {
    uint32_t count;
    const char *const *keys;
    const char *const *values;
} HeaderList;

CoreAnswer core_answer(OrthancHttpMethod method, const char *uri, HeaderList headers, const void *body, size_t size);
void core_reset(void);
bool core_is_content(const char *uri); /* a route that the plugin caches, not a question about versions */
void core_tell_of_files(bool tell);    /* lists name files and parents, as Orthanc's do: who can stream makes archives itself then */

/* ---- faults.c: one service that fails ---------------------------------------------------------------------------------- */

typedef enum FaultKind {
    FAULT_NONE,
    FAULT_ERROR,           /* returns a code and leaves garbage in its results */
    FAULT_NULL_DATA,       /* success, a null address and a size */
    FAULT_DATA_OF_SIZE_0,  /* success, an address and no size */
    FAULT_BODY,            /* success, and this text as the body */
    FAULT_HEADERS,         /* success, and this text as the headers */
    FAULT_STATUS,          /* success, and this status */
    FAULT_HANG             /* does not come back before fault_release */
} FaultKind;

typedef struct Fault {
    FaultKind kind;
    OrthancService service; /* 0: any */
    int code;               /* of FAULT_ERROR; the status of FAULT_STATUS */
    int remaining;          /* how often; negative: always */
    int after;              /* how many such calls go well before */
    const char *path;       /* only calls whose path has this in it; null: all */
    const char *text;
} Fault;

void fault_set(Fault fault);
void fault_clear(void);
int fault_uses(void);
Fault fault_take(OrthancService service, const char *path);
void fault_hang(void);
bool fault_wait_for_hang(void); /* until somebody hangs; false where nobody does */
void fault_release(void);       /* lets them go, and waits until none is left */

/* ---- services.c, output.c: what the plugin calls ------------------------------------------------------------------------ */

typedef struct Route {
    regex_t pattern;
    RestCallback callback;
} Route;

typedef struct Registered {
    Route routes[64];
    int route_count;
    ChangeCallback change;
    StoredInstanceCallback stored;
    FilterCallback filter;
    RefreshMetricsCallback metrics;
    JobsUnserializer unserializer;
} Registered;

extern Registered registered;
extern atomic_long core_content_calls; /* calls for a cached route */
extern atomic_long core_other_calls;   /* calls for anything else */
extern atomic_int core_content_thread; /* on which the last call for a cached route came */
extern atomic_int metrics_set;
extern atomic_int named_threads;       /* that have not given their name back */

NativeContext *services_start(const char *version, const char *configuration);
void services_stop(void); /* forgets all registrations, as a server that unloads a plugin does */

/* service_table.c */
void service_table_start(const char *version);
bool service_count_call(OrthancService service); /* false where this version of the server does not know it */
bool services_version_is(int major, int minor, int revision);
long services_calls(OrthancService service);
const char *service_name(OrthancService service);
OrthancService service_at(int index);
extern const int all_services_count;

struct NativeRestOutput {
    uint32_t alive; /* a number while the callback runs, another one afterwards */
    int answers;
    bool streaming;
    int status;
    Text body;
    int header_count;
    char *headers[MAXIMUM_HEADERS][2];
    char *error_details;
};

NativeRestOutput *output_open(void);
void output_close(NativeRestOutput *output);
void output_free(NativeRestOutput *output);
OrthancErrorCode output_invoke(OrthancService service, const void *params, bool *handled);

/* ---- jobs.c ------------------------------------------------------------------------------------------------------------- */

OrthancErrorCode jobs_invoke(OrthancService service, const void *params);
void jobs_run_all(void);

/* ---- plugin.c: loading, and the server's side of its callbacks ----------------------------------------------------------- */

void plugin_load(const char *path);
void plugin_unload(void);
int plugin_initialize(const char *version, const char *configuration);
void plugin_finalize(void);
const char *plugin_name(void);
const char *plugin_version(void);
void plugin_change(OrthancChangeType change, OrthancResourceType level, const char *id);
void plugin_stored(int instance);

/* ---- client.c: requests from outside -------------------------------------------------------------------------------------- */

typedef struct Request {
    OrthancHttpMethod method;
    const char *path;
    const char *query; /* null, or what stands behind the question mark */
    const char *headers[8][2];
    const char *body;
} Request;

typedef struct Response {
    bool from_plugin; /* no route of the plugin matched, so the core answered */
    OrthancErrorCode code;
    int status;
    NativeRestOutput *output;
} Response;

Response perform(const Request *request);
Response get(const char *path);
const char *header_of(const Response *response, const char *name); /* null where it is not there */
bool is_hit(const Response *response);
void response_free(Response *response);

/* The answer is 200 with exactly what the core would send now. */
void expect_core_answer(const Request *request, const Response *response, const char *when);

/* The same, or an honest error; never nothing, two answers or something else. */
void expect_answer_or_error(const Request *request, const Response *response, const char *when);

/* Waits for a line of the log; fails when it does not come. */
void expect_line_soon(char level, const char *part);

/* Asks until the answer is a hit; fails when that does not come. */
void expect_hit_soon(const Request *request);

/* Asks until the answer has an ETag and a Last-Modified, and gives that answer. */
Response wait_for_validators(const Request *request);

/* ---- scenarios ------------------------------------------------------------------------------------------------------------ */

typedef struct Scenario {
    const char *name;
    void (*run)(void);
} Scenario;

extern const char *library_path;
extern const char *work_folder;

char *configuration_with(const char *members); /* of the section; the folder is added. The caller frees it */
void start(const char *version, const char *members);
void stop(void);

extern const Scenario loading_scenarios[], serving_scenarios[], failure_scenarios[], event_scenarios[], thread_scenarios[], archive_scenarios[];

#define DEFAULT_VERSION "1.12.7"

#endif
