/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of Orthanc's plugin interface that the response cache uses, as plain C.
 *
 * Orthanc and a plugin talk through one function, InvokeService: a number says what is wanted, a structure carries the
 * parameters. Both are frozen once released: Orthanc only ever appends numbers, and members at the end of structures that it
 * allocates itself. Members have the names that Orthanc's own header gives them, so that layout.c can compare the two; types
 * have the names of our C# structures.
 *
 * Texts are UTF-8 and end with a zero byte.
 */
#ifndef ORTHANC_PLUGIN_ABI_H
#define ORTHANC_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "orthanc_plugin_numbers.h"

/* ---- what both sides see ----------------------------------------------------------------------------------------------- */

/* Opaque: only pointers to these exist. */
typedef struct NativeRestOutput NativeRestOutput;
typedef struct NativeDicomInstance NativeDicomInstance;
typedef struct NativeJob NativeJob;

/* Given to OrthancPluginInitialize; valid until OrthancPluginFinalize has returned. */
typedef struct NativeContext {
    void *pluginsManager;       /* Orthanc's own */
    const char *orthancVersion; /* three numbers with dots, or "mainline" */
    void (*Free)(void *buffer); /* frees what a service allocated */
    OrthancErrorCode (*InvokeService)(struct NativeContext *context, OrthancService service, const void *params);
} NativeContext;

/* A request, as a REST callback gets it. Versions from 1.12.9 on have two more members behind these. */
typedef struct NativeHttpRequest {
    OrthancHttpMethod method;
    uint32_t groupsCount; /* of the regular expression of the route */
    const char *const *groups;
    uint32_t getCount; /* arguments, percent-decoded, in their order */
    const char *const *getKeys;
    const char *const *getValues;
    const void *body;
    uint32_t bodySize;
    uint32_t headersCount; /* names in lower case */
    const char *const *headersKeys;
    const char *const *headersValues;
} NativeHttpRequest;

/* Memory that changes hands. Holds garbage wherever a service fails. */
typedef struct NativeMemoryBuffer {
    void *data;
    uint32_t size;
} NativeMemoryBuffer;

/* ---- functions of the plugin that Orthanc calls ------------------------------------------------------------------------ */

typedef OrthancErrorCode (*RestCallback)(NativeRestOutput *output, const char *path, const NativeHttpRequest *request);
typedef OrthancErrorCode (*StoredInstanceCallback)(const NativeDicomInstance *instance, const char *instanceId);
typedef OrthancErrorCode (*ChangeCallback)(OrthancChangeType change, OrthancResourceType level, const char *resourceId);
typedef int32_t (*FilterCallback)(OrthancHttpMethod method, const char *path, const char *ip, uint32_t headersCount,
                                  const char *const *headersKeys, const char *const *headersValues, uint32_t getCount,
                                  const char *const *getKeys, const char *const *getValues); /* 1 passes, 0 refuses */
typedef void (*RefreshMetricsCallback)(void);
typedef NativeJob *(*JobsUnserializer)(const char *type, const char *serialized);

typedef int32_t (*PluginInitialize)(const NativeContext *context); /* 0, or the server does not start */
typedef void (*PluginFinalize)(void);
typedef const char *(*PluginGetText)(void); /* of OrthancPluginGetName and OrthancPluginGetVersion */

/* ---- parameters of services -------------------------------------------------------------------------------------------- */

typedef struct RestCallbackParameters {
    const char *pathRegularExpression;
    RestCallback callback;
} RestCallbackParameters;

/* Of every registration that takes one function and nothing else. */
typedef struct CallbackParameters {
    void (*callback)(void);
} CallbackParameters;

/* Of AnswerBuffer, and of SendStreamChunk, which takes no type. */
typedef struct AnswerBufferParameters {
    NativeRestOutput *output;
    const void *answer;
    uint32_t answerSize;
    const char *mimeType;
} AnswerBufferParameters;

/* Of Redirect and SendMethodNotAllowed, and of StartStreamAnswer, whose argument is the content type. */
typedef struct OutputArgumentParameters {
    NativeRestOutput *output;
    const char *argument;
} OutputArgumentParameters;

typedef struct SendHttpStatusCodeParameters {
    NativeRestOutput *output;
    uint16_t status;
} SendHttpStatusCodeParameters;

typedef struct SendHttpStatusParameters {
    NativeRestOutput *output;
    uint16_t status;
    const void *body;
    uint32_t bodySize;
} SendHttpStatusParameters;

typedef struct SetHttpHeaderParameters {
    NativeRestOutput *output;
    const char *key;
    const char *value;
} SetHttpHeaderParameters;

typedef struct SetHttpErrorDetailsParameters {
    NativeRestOutput *output;
    const char *details;
    uint8_t log;
} SetHttpErrorDetailsParameters;

/* Of RestApiGet and RestApiGetAfterPlugins. */
typedef struct RestApiGetParameters {
    NativeMemoryBuffer *target;
    const char *uri;
} RestApiGetParameters;

typedef struct RestApiGet2Parameters {
    NativeMemoryBuffer *target;
    const char *uri;
    uint32_t headersCount;
    const char *const *headersKeys;
    const char *const *headersValues;
    int32_t afterPlugins;
} RestApiGet2Parameters;

typedef struct CallRestApiParameters {
    NativeMemoryBuffer *answerBody;
    NativeMemoryBuffer *answerHeaders; /* a JSON object of texts */
    uint16_t *httpStatus;
    OrthancHttpMethod method;
    const char *uri;
    uint32_t headersCount;
    const char *const *headersKeys;
    const char *const *headersValues;
    const void *body;
    uint32_t bodySize;
    uint8_t afterPlugins;
} CallRestApiParameters;

/* Of GetConfiguration and GetOrthancPath, which take no argument. */
typedef struct DynamicStringParameters {
    char **result;
    const char *argument;
} DynamicStringParameters;

/* Of ComputeMd5 and ComputeSha1. */
typedef struct ComputeHashParameters {
    char **result;
    const void *buffer;
    uint32_t size;
} ComputeHashParameters;

typedef struct SetPluginPropertyParameters {
    const char *plugin;
    OrthancPluginProperty property;
    const char *value;
} SetPluginPropertyParameters;

typedef struct SetMetricsValueParameters {
    const char *name;
    float value;
    OrthancMetricsType type;
} SetMetricsValueParameters;

typedef struct SetMetricsIntegerValueParameters {
    const char *name;
    int64_t value;
    OrthancMetricsType type;
} SetMetricsIntegerValueParameters;

typedef struct LogMessageParameters {
    const char *message;
    const char *plugin;
    const char *file;
    uint32_t line;
    OrthancLogCategory category;
    OrthancLogLevel level;
} LogMessageParameters;

typedef struct CreateMemoryBufferParameters {
    NativeMemoryBuffer *target;
    uint32_t size;
} CreateMemoryBufferParameters;

/* Of CreateJob and CreateJob2. The content functions of the first return a text that stays the plugin's; those of the second
 * fill a buffer that Orthanc frees, and take it before the job. */
typedef struct CreateJobParameters {
    NativeJob **target;
    void *job;
    void (*finalize)(void *job);
    const char *type;
    float (*getProgress)(void *job);
    void (*getContent)(void);
    void (*getSerialized)(void);
    OrthancJobStepStatus (*step)(void *job);
    OrthancErrorCode (*stop)(void *job, OrthancJobStopReason reason);
    OrthancErrorCode (*reset)(void *job);
} CreateJobParameters;

typedef struct FreeJobParameters {
    NativeJob *job;
} FreeJobParameters;

typedef struct SubmitJobParameters {
    char **resultId;
    NativeJob *job;
    int32_t priority;
} SubmitJobParameters;

#endif
