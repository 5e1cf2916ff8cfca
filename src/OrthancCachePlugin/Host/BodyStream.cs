using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Host;

/// <summary>The body of a response that is sent in pieces. Used on the thread of the request, until its callback returns.</summary>
internal sealed class BodyStream(RestOutput output) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
        // Each piece is sent as it comes.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty && output.SendChunk(buffer) != OrthancErrorCode.Success)
        {
            throw new IOException("The client has left.");
        }
    }
}
