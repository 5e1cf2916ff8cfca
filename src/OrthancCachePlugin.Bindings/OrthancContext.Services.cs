using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>Checksums and metrics.</content>
public sealed unsafe partial class OrthancContext
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public OrthancErrorCode ComputeMd5(ReadOnlySpan<byte> data, out OwnedString? digest) =>
        ComputeHash(OrthancService.ComputeMd5, data, out digest);

    /// <summary>Five groups of eight lower-case hexadecimal digits with dashes between them, as Orthanc writes its identifiers.</summary>
    public OrthancErrorCode ComputeSha1(ReadOnlySpan<byte> data, out OwnedString? digest) =>
        ComputeHash(OrthancService.ComputeSha1, data, out digest);

    /// <summary>Sets a metric that may have decimals.</summary>
    /// <param name="name">As Prometheus takes it: letters, digits and underscores.</param>
    /// <param name="value">In the unit that the name ends with.</param>
    /// <param name="type">How it is kept.</param>
    public OrthancErrorCode SetMetricsValue(ReadOnlySpan<byte> name, float value, OrthancMetricsType type)
    {
        using var text = new NativeText(name, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetMetricsValueParameters { Name = pointer, Value = value, Type = type };
            return Invoke(OrthancService.SetMetricsValue, &parameters);
        }
    }

    /// <summary>Sets a metric that counts: exact since 1.12.1, before with the 24 bits of a float.</summary>
    public OrthancErrorCode SetMetricsIntegerValue(ReadOnlySpan<byte> name, long value, OrthancMetricsType type)
    {
        if (!SupportsIntegerMetrics)
        {
            return SetMetricsValue(name, value, type);
        }

        using var text = new NativeText(name, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetMetricsIntegerValueParameters { Name = pointer, Value = value, Type = type };
            return Invoke(OrthancService.SetMetricsIntegerValue, &parameters);
        }
    }

    private OrthancErrorCode ComputeHash(OrthancService service, ReadOnlySpan<byte> data, out OwnedString? digest)
    {
        byte* result = null;
        fixed (byte* pointer = data)
        {
            var parameters = new ComputeHashParameters { Result = &result, Buffer = pointer, Size = (uint)data.Length };
            OrthancErrorCode code = Invoke(service, &parameters);
            digest = null;
            return code == OrthancErrorCode.Success ? Adopt(result, out digest) : code;
        }
    }
}
