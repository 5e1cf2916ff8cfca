using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin;

/// <content>Reading Orthanc's configuration, and what of it shapes answers.</content>
internal sealed unsafe partial class Plugin
{
    private static bool TryReadConfiguration(
        OrthancContext context,
        ILog log,
        [NotNullWhen(true)] out CacheOptions? options,
        [NotNullWhen(true)] out HostConfiguration? host)
    {
        options = null;
        host = null;
        var code = context.GetConfiguration(out var text);
        using (text)
        {
            if (code != OrthancErrorCode.Success || text is null)
            {
                LogMessages.NoConfiguration(log);
                return false;
            }

            try
            {
                using var document = JsonDocument.Parse(text.ToString());
                var reader = new OptionsReader();
                options = reader.Read(document.RootElement);
                host = HostConfigurationReader.Read(document.RootElement, compressesByDefault: !context.Version.IsAtLeast(1, 12, 2));
                host = host with { Digest = Digest128.Combine(host.Digest, HostFiles.DigestOf(document.RootElement, ConfigurationFolder(context))) };
                foreach (var problem in reader.Problems)
                {
                    if (problem.IsError)
                    {
                        LogMessages.WrongOption(log, problem.Text);
                    }
                    else
                    {
                        LogMessages.UnknownOption(log, problem.Text);
                    }
                }

                return !reader.HasErrors;
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                LogMessages.NoConfiguration(log);
                return false;
            }
        }
    }

    /// <summary>From where Orthanc takes relative paths: the folder of its configuration, or its current one.</summary>
    private static string ConfigurationFolder(OrthancContext context)
    {
        var current = Directory.GetCurrentDirectory();
        _ = context.GetConfigurationPath(out var path);
        using (path)
        {
            var text = path?.ToString() ?? "";
            return text.Length == 0 ? current : Path.Combine(current, Directory.Exists(text) ? text : Path.GetDirectoryName(text) ?? "");
        }
    }

    private static Digest128 Fingerprint(string orthanc, Digest128 configuration)
    {
        Span<byte> bytes = stackalloc byte[Digest128.Size];
        configuration.CopyTo(bytes);
        return Digest128.Of([.. System.Text.Encoding.UTF8.GetBytes(orthanc), 0, .. bytes]);
    }

    /// <summary>One line for whoever reads the log: what runs here, and how.</summary>
    private void Summarize(StoreStatus store)
    {
        var options = _figures.Options;
        var held = store.State switch
        {
            StoreState.Working => FormattableString.Invariant($"{store.RecoveredEntries} were there"),
            StoreState.Recovering => "those that were there are still being read",
            _ => "the disk cache does not work",
        };
        var clients = options.CacheControl.Length > 0 ? options.CacheControl : _isPrivate ? "private, no-cache" : "public, no-cache";
        var policy = $"binaries are {(options.CacheBinaries ? "" : "not ")}kept, warm-up is {(options.WarmUp ? "on" : "off")}, clients are told \"{clients}\"";
        LogMessages.Started(Log, PluginVersion.Text, options.Directory, options.MaximumSize, options.ExpirationDays, held, policy);
    }
}
