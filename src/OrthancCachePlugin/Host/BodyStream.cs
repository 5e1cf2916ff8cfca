using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Compression;

namespace OrthancCachePlugin.Host;

/// <summary>The body of a response that is sent in pieces. Used on the thread of the request, until its callback returns.</summary>
internal sealed class BodyStream(RestOutput output) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty && output.SendChunk(buffer) != OrthancErrorCode.Success)
        {
            throw new IOException("The client has left.");
        }
    }
}
