using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;

namespace OrthancCachePlugin.Host;

/// <summary>Sets Orthanc's metrics when somebody reads them.</summary>
internal sealed class OrthancMetrics(OrthancContext context, Figures figures)
{
    public void Refresh()
    {
        foreach (var metric in Metrics.Read(figures))
        {
            var name = Encoding.ASCII.GetBytes(metric.Name);
            if (metric.IsInteger)
            {
                context.SetMetricsIntegerValue(name, (long)metric.Value, OrthancMetricsType.Default);
            }
            else
            {
                context.SetMetricsValue(name, (float)metric.Value, OrthancMetricsType.Default);
            }
        }
    }
}
