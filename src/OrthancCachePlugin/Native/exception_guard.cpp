// Calls a service of Orthanc and stops C++ exceptions on their way out of it.
//
// Orthanc's own wall around its services stops its own exceptions alone (PluginsManager::InvokeService, 1.10.1 to 1.13.0). Whatever
// else is thrown below, such as JsonCpp's and Boost's exceptions and std::bad_alloc, would unwind into frames of the .NET runtime, where
// nobody can catch it: std::terminate, and the server is gone. Bare, Orthanc's HTTP server catches these and answers with an
// error, so we must be able to.
//
// What catching needs is taken from the host, which has it if it can throw at all: each of these symbols is weak, so that the library
// does not ask for libstdc++ and can be loaded by a host without it. Where the host keeps its C++ runtime to itself (linked
// statically, nothing exported), the symbols stay null, and an exception ends the server as if this file were not here.

#include <exception>
#include <new>
#include <stdexcept>
#include <cstring>
#include <cxxabi.h>

__asm__(".weak __gxx_personality_v0\n"
        ".weak __cxa_begin_catch\n"
        ".weak __cxa_end_catch\n"
        ".weak __cxa_current_exception_type\n"
        ".weak _ZTISt9bad_alloc\n"
        ".weak _ZTISt13runtime_error\n");

namespace
{
    typedef int Service(void* context, int service, const void* parameters);

    // The order and the meaning are those of ExceptionKind on the other side.
    enum Kind
    {
        None = 0,
        LexicalCast = 1,
        Filesystem = 2,
        Runtime = 3,
        Memory = 4,
        Other = 5
    };

    // NativeHeader on the other side.
    struct Header
    {
        const char* name;
        const char* value;
    };

    // The parameters and the number of the SDK's service that sets a header.
    struct SetHttpHeader
    {
        void* output;
        const char* name;
        const char* value;
    };

    const int SetHttpHeaderService = 2007;

    // By name, where the type is one of Boost's: its headers are not needed then, and its type information need not be ours.
    bool IsNamed(const char* part)
    {
        const std::type_info* type = abi::__cxa_current_exception_type();
        return type != nullptr && std::strstr(type->name(), part) != nullptr;
    }
}

// Sets headers of a response, if there are any, and calls the service: one way from .NET to here instead of one for each header.
extern "C" __attribute__((visibility("hidden"))) int response_cache_guarded_call(
    Service* invoke, void* context, void* output, const Header* headers, int count, int service, const void* parameters, int* kind)
{
    *kind = None;
    try
    {
        for (int i = 0; i < count; i++)
        {
            const SetHttpHeader header = { output, headers[i].name, headers[i].value };
            const int code = invoke(context, SetHttpHeaderService, &header);
            if (code != 0)
            {
                return code;
            }
        }

        return invoke(context, service, parameters);
    }
    catch (const std::runtime_error&)
    {
        *kind = IsNamed("filesystem_error") ? Filesystem : Runtime;
    }
    catch (const std::bad_alloc&)
    {
        *kind = Memory;
    }
    catch (...)
    {
        *kind = IsNamed("bad_lexical_cast") ? LexicalCast : Other;
    }

    return -1;
}

// What the unwinder calls for a frame that catches, under a name of which the compiler does not think that it must exist.
extern "C" void host_personality() __asm__("__gxx_personality_v0") __attribute__((weak));

// Whether exceptions can be caught here at all.
extern "C" __attribute__((visibility("hidden"))) int response_cache_guard_works()
{
    return &host_personality != nullptr;
}
