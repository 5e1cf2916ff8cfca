// Leaves the decoders of zstd's formats before 1.0 out of the library.
//
// libzstd.a, as Debian builds it, decodes frames of the versions 0.5 to 0.7 as well, 90 KB of parsers that nothing of ours needs and no
// damaged file should reach. Where these names are defined already, the linker takes none of those parts from the archive. What asks for
// them gets an error; a frame that begins like one of theirs is a damaged entry, so a miss.

#include <stddef.h>

#define ERROR_GENERIC ((size_t)-1) // zstd_errors.h, as zstd returns it

#pragma GCC visibility push(hidden)

static size_t Refuse(void) { return ERROR_GENERIC; }

static void* MakeNone(void) { return NULL; }

#define REFUSE(name) size_t name(void) __attribute__((alias("Refuse")));
#define MAKE_NONE(name) void* name(void) __attribute__((alias("MakeNone")));

#define WITHOUT(version)                                                                                      \
    MAKE_NONE(ZSTDv##version##_createDCtx)                                                                    \
    REFUSE(ZSTDv##version##_freeDCtx)                                                                         \
    REFUSE(ZSTDv##version##_getFrameParams)                                                                   \
    REFUSE(ZSTDv##version##_decompress_usingDict)                                                             \
    MAKE_NONE(ZBUFFv##version##_createDCtx)                                                                   \
    REFUSE(ZBUFFv##version##_freeDCtx)                                                                        \
    REFUSE(ZBUFFv##version##_decompressInitDictionary)                                                        \
    REFUSE(ZBUFFv##version##_decompressContinue)                                                              \
    void ZSTDv##version##_findFrameSizeInfoLegacy(const void* frame, size_t size, size_t* compressed, unsigned long long* bound); \
    void ZSTDv##version##_findFrameSizeInfoLegacy(const void* frame, size_t size, size_t* compressed, unsigned long long* bound)  \
    {                                                                                                         \
        (void)frame;                                                                                          \
        (void)size;                                                                                           \
        *compressed = ERROR_GENERIC;                                                                          \
        *bound = (unsigned long long)-2; /* ZSTD_CONTENTSIZE_ERROR */                                         \
    }

WITHOUT(05)
WITHOUT(06)
WITHOUT(07)
