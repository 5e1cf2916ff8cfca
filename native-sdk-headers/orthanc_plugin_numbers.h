/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of Orthanc's plugin interface that the response cache uses. On both sides each is a 32-bit integer.
 * "Since" names the first version of Orthanc that knows a service; what has no such remark is older than 1.10.0, the oldest
 * server that we serve.
 */
#ifndef ORTHANC_PLUGIN_NUMBERS_H
#define ORTHANC_PLUGIN_NUMBERS_H

#include <stdint.h>

typedef int32_t OrthancErrorCode;
enum {
    OrthancErrorCode_InternalError = -1,
    OrthancErrorCode_Success = 0,
    OrthancErrorCode_Plugin = 1,
    OrthancErrorCode_NotImplemented = 2,
    OrthancErrorCode_ParameterOutOfRange = 3,
    OrthancErrorCode_NotEnoughMemory = 4,
    OrthancErrorCode_BadParameterType = 5,
    OrthancErrorCode_BadSequenceOfCalls = 6,
    OrthancErrorCode_InexistentItem = 7,
    OrthancErrorCode_BadRequest = 8,
    OrthancErrorCode_NetworkProtocol = 9,
    OrthancErrorCode_Database = 11,
    OrthancErrorCode_UriSyntax = 12,
    OrthancErrorCode_InexistentFile = 13,
    OrthancErrorCode_CannotWriteFile = 14,
    OrthancErrorCode_BadFileFormat = 15,
    OrthancErrorCode_Timeout = 16,
    OrthancErrorCode_UnknownResource = 17,
    OrthancErrorCode_FullStorage = 19,
    OrthancErrorCode_CorruptedFile = 20,
    OrthancErrorCode_ReadOnly = 22,
    OrthancErrorCode_SharedLibrary = 25,
    OrthancErrorCode_UnknownPluginService = 26,
    OrthancErrorCode_BadJson = 28,
    OrthancErrorCode_Unauthorized = 29,
    OrthancErrorCode_NotAcceptable = 34,
    OrthancErrorCode_NullPointer = 35,
    OrthancErrorCode_DatabaseUnavailable = 36,
    OrthancErrorCode_CanceledJob = 37
};

typedef int32_t OrthancHttpMethod;
enum {
    OrthancHttpMethod_Get = 1,
    OrthancHttpMethod_Post = 2,
    OrthancHttpMethod_Put = 3,
    OrthancHttpMethod_Delete = 4
};

typedef int32_t OrthancResourceType;
enum {
    OrthancResourceType_Patient = 0,
    OrthancResourceType_Study = 1,
    OrthancResourceType_Series = 2,
    OrthancResourceType_Instance = 3,
    OrthancResourceType_None = 4
};

typedef int32_t OrthancChangeType;
enum {
    OrthancChangeType_CompletedSeries = 0,
    OrthancChangeType_Deleted = 1,
    OrthancChangeType_NewChildInstance = 2,
    OrthancChangeType_NewInstance = 3,
    OrthancChangeType_NewPatient = 4,
    OrthancChangeType_NewSeries = 5,
    OrthancChangeType_NewStudy = 6,
    OrthancChangeType_StablePatient = 7,
    OrthancChangeType_StableSeries = 8,
    OrthancChangeType_StableStudy = 9,
    OrthancChangeType_OrthancStarted = 10,
    OrthancChangeType_OrthancStopped = 11,
    OrthancChangeType_UpdatedAttachment = 12,
    OrthancChangeType_UpdatedMetadata = 13,
    OrthancChangeType_UpdatedPeers = 14,
    OrthancChangeType_UpdatedModalities = 15,
    OrthancChangeType_JobSubmitted = 16,
    OrthancChangeType_JobSuccess = 17,
    OrthancChangeType_JobFailure = 18
};

typedef int32_t OrthancJobStepStatus;
enum {
    OrthancJobStepStatus_Success = 1,
    OrthancJobStepStatus_Failure = 2,
    OrthancJobStepStatus_Continue = 3
};

typedef int32_t OrthancJobStopReason;
enum {
    OrthancJobStopReason_Success = 1,
    OrthancJobStopReason_Paused = 2,
    OrthancJobStopReason_Failure = 3,
    OrthancJobStopReason_Canceled = 4
};

typedef int32_t OrthancMetricsType;
enum {
    OrthancMetricsType_Default = 0,
    OrthancMetricsType_Timer = 1
};

typedef int32_t OrthancLogLevel;
enum {
    OrthancLogLevel_Error = 0,
    OrthancLogLevel_Warning = 1,
    OrthancLogLevel_Info = 2
};

typedef int32_t OrthancLogCategory;
enum {
    OrthancLogCategory_Generic = 1
};

typedef int32_t OrthancPluginProperty;
enum {
    OrthancPluginProperty_Description = 1,
    OrthancPluginProperty_RootUri = 2,
    OrthancPluginProperty_OrthancExplorer = 3
};

typedef int32_t OrthancService;
enum {
    OrthancService_LogInfo = 1,     /* the parameters of these three are the text itself */
    OrthancService_LogWarning = 2,
    OrthancService_LogError = 3,
    OrthancService_GetOrthancPath = 4,
    OrthancService_GetConfigurationPath = 6,
    OrthancService_SetPluginProperty = 7,
    OrthancService_GetConfiguration = 13,
    OrthancService_ComputeMd5 = 24,
    OrthancService_ComputeSha1 = 25,
    OrthancService_SetMetricsValue = 31,
    OrthancService_CreateMemoryBuffer = 38,
    OrthancService_SetMetricsIntegerValue = 43, /* since 1.12.1 */
    OrthancService_SetCurrentThreadName = 44,   /* since 1.12.2; the parameters are the text itself */
    OrthancService_LogMessage = 45,             /* since 1.12.4 */
    OrthancService_ClearCurrentThreadName = 64, /* since 1.13.0; without parameters */
    OrthancService_RegisterOnStoredInstanceCallback = 1001,
    OrthancService_RegisterOnChangeCallback = 1003,
    OrthancService_RegisterRestCallbackNoLock = 1004,
    OrthancService_RegisterIncomingHttpRequestFilter2 = 1010,
    OrthancService_RegisterRefreshMetricsCallback = 1011,
    OrthancService_AnswerBuffer = 2000,
    OrthancService_Redirect = 2002,
    OrthancService_SendHttpStatusCode = 2003,
    OrthancService_SendMethodNotAllowed = 2005,
    OrthancService_SetHttpHeader = 2007,
    OrthancService_SendHttpStatus = 2010,
    OrthancService_SetHttpErrorDetails = 2013,
    OrthancService_StartStreamAnswer = 2014, /* since 1.12.6 */
    OrthancService_SendStreamChunk = 2015,   /* since 1.12.6 */
    OrthancService_RestApiGet = 3001,
    OrthancService_RestApiGetAfterPlugins = 3010,
    OrthancService_RestApiGet2 = 3015,
    OrthancService_CallRestApi = 3016,
    OrthancService_CreateJob = 9000,
    OrthancService_FreeJob = 9001,
    OrthancService_SubmitJob = 9002,
    OrthancService_RegisterJobsUnserializer = 9003,
    OrthancService_CreateJob2 = 9004 /* since 1.11.3 */
};

#endif
