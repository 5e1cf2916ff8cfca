/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints what the two sides of the plugin interface must agree on, one "name value" a line: sizes of structures, offsets and
 * sizes of their members, and numbers.
 *
 *   cc -std=c11 -o layout layout.c && ./layout                      our header
 *   cc -std=c11 -DUSE_ORTHANC_HEADER [-I DIR] -o layout layout.c    Orthanc's, from orthanc-dev or from DIR
 *
 * Built against an older header of Orthanc, it leaves out what that one does not know. The tests compare both outputs, and our C#
 * structures, line by line.
 */
#include <stddef.h>
#include <stdio.h>

#ifdef USE_ORTHANC_HEADER

#include <orthanc/OrthancCPlugin.h>

#define SDK_IS_ABOVE(major, minor, revision) ORTHANC_PLUGINS_VERSION_IS_ABOVE(major, minor, revision)

typedef OrthancPluginContext NativeContext;
typedef OrthancPluginHttpRequest NativeHttpRequest;
typedef OrthancPluginMemoryBuffer NativeMemoryBuffer;
typedef _OrthancPluginRestCallback RestCallbackParameters;
typedef _OrthancPluginOnChangeCallback CallbackParameters;
typedef _OrthancPluginAnswerBuffer AnswerBufferParameters;
typedef _OrthancPluginOutputPlusArgument OutputArgumentParameters;
typedef _OrthancPluginSendHttpStatusCode SendHttpStatusCodeParameters;
typedef _OrthancPluginSendHttpStatus SendHttpStatusParameters;
typedef _OrthancPluginSetHttpHeader SetHttpHeaderParameters;
typedef _OrthancPluginSetHttpErrorDetails SetHttpErrorDetailsParameters;
typedef _OrthancPluginCallRestApi CallRestApiParameters;
typedef _OrthancPluginRetrieveDynamicString DynamicStringParameters;
typedef _OrthancPluginSetPluginProperty SetPluginPropertyParameters;
typedef _OrthancPluginSetMetricsValue SetMetricsValueParameters;
#if SDK_IS_ABOVE(1, 12, 1)
typedef _OrthancPluginSetMetricsIntegerValue SetMetricsIntegerValueParameters;
#endif
typedef _OrthancPluginCreateJob CreateJobParameters;
typedef _OrthancPluginFreeJob FreeJobParameters;
typedef _OrthancPluginSubmitJob SubmitJobParameters;

/* The registrations that we fill with one structure of ours. */
#define SAME_SIZE(left, right) _Static_assert(sizeof(left) == sizeof(right), #left " and " #right " differ")
SAME_SIZE(CallbackParameters, _OrthancPluginOnStoredInstanceCallback);
SAME_SIZE(CallbackParameters, _OrthancPluginIncomingHttpRequestFilter2);
SAME_SIZE(CallbackParameters, _OrthancPluginRegisterRefreshMetricsCallback);
SAME_SIZE(CallbackParameters, _OrthancPluginJobsUnserializer);

#if SDK_IS_ABOVE(1, 12, 6)
SAME_SIZE(OutputArgumentParameters, _OrthancPluginStartStreamAnswer);
_Static_assert(offsetof(OutputArgumentParameters, argument) == offsetof(_OrthancPluginStartStreamAnswer, contentType),
               "StartStreamAnswer differs from Redirect");
#endif

#if SDK_IS_ABOVE(1, 12, 4)
typedef _OrthancPluginLogMessage LogMessageParameters;
#endif

#define PREFIX_OrthancErrorCode(name) OrthancPluginErrorCode_##name
#define PREFIX_OrthancHttpMethod(name) OrthancPluginHttpMethod_##name
#define PREFIX_OrthancResourceType(name) OrthancPluginResourceType_##name
#define PREFIX_OrthancChangeType(name) OrthancPluginChangeType_##name
#define PREFIX_OrthancJobStepStatus(name) OrthancPluginJobStepStatus_##name
#define PREFIX_OrthancJobStopReason(name) OrthancPluginJobStopReason_##name
#define PREFIX_OrthancMetricsType(name) OrthancPluginMetricsType_##name
#define PREFIX_OrthancLogLevel(name) OrthancPluginLogLevel_##name
#define PREFIX_OrthancLogCategory(name) OrthancPluginLogCategory_##name
#define PREFIX_OrthancPluginProperty(name) _OrthancPluginProperty_##name
#define PREFIX_OrthancService(name) _OrthancPluginService_##name
#define VALUE(type, name) PREFIX_##type(name)

/* Only read, never called: Orthanc's header declares it and uses it in functions of its own. */
const char *OrthancPluginGetName(void)
{
    return "layout";
}

#else

#include "orthanc_plugin_abi.h"

#define SDK_IS_ABOVE(major, minor, revision) 1
#define VALUE(type, name) type##_##name

#endif

#define SIZE(type) printf(#type ".size %zu\n", sizeof(type))
#define MEMBER(type, member)                                          \
    printf(#type "." #member ".offset %zu\n", offsetof(type, member)); \
    printf(#type "." #member ".size %zu\n", sizeof(((type *)NULL)->member))
#define NUMBER(type, name) printf(#type "." #name " %d\n", (int)VALUE(type, name))

int main(void)
{
#ifdef USE_ORTHANC_HEADER
    printf("header.version %d\n",
           ORTHANC_PLUGINS_MINIMAL_MAJOR_NUMBER * 1000000 + ORTHANC_PLUGINS_MINIMAL_MINOR_NUMBER * 1000 +
               ORTHANC_PLUGINS_MINIMAL_REVISION_NUMBER);
#endif
#include "layout_structures.inc"
#include "layout_numbers.inc"
    return 0;
}
