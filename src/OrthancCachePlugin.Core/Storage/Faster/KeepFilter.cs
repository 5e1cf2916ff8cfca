using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>Puts a policy where the log asks for one.</summary>
internal readonly struct KeepFilter(IKeepPolicy policy) : ICompactionFunctions<SpanByte, SpanByte>
{
    /// <inheritdoc/>
    public bool IsDeleted(ref SpanByte key, ref SpanByte value) => !policy.ShouldKeep(key.AsReadOnlySpan(), value.AsReadOnlySpan());
}
