using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>
/// What we tell of ourselves and read of the server. The SDK has two forms of the three setters, without and, since 1.12.4, with the name
/// of the plugin; both call the same service with the same structure, so this is the second form on every server.
/// </content>
public sealed unsafe partial class OrthancContext
{
    /// <summary>The page that both Explorers link for us.</summary>
    public OrthancErrorCode SetRootUri(string plugin, string uri) => SetProperty(plugin, OrthancPluginProperty.RootUri, uri);

    /// <summary>The sentence that <c>/plugins/{plugin}</c> shows.</summary>
    public OrthancErrorCode SetDescription(string plugin, string description) =>
        SetProperty(plugin, OrthancPluginProperty.Description, description);

    /// <summary>JavaScript that runs in Orthanc Explorer.</summary>
    public OrthancErrorCode ExtendOrthancExplorer(string plugin, string javaScript) =>
        SetProperty(plugin, OrthancPluginProperty.OrthancExplorer, javaScript);

    /// <summary>The whole configuration as one JSON object, comments removed and environment variables put in.</summary>
    public OrthancErrorCode GetConfiguration(out OwnedString? json) => GetString(OrthancService.GetConfiguration, out json);

    /// <summary>The path of the file or folder with the configuration; empty where there is none.</summary>
    public OrthancErrorCode GetConfigurationPath(out OwnedString? path) => GetString(OrthancService.GetConfigurationPath, out path);

    /// <summary>The path of the server's executable.</summary>
    public OrthancErrorCode GetOrthancPath(out OwnedString? path) => GetString(OrthancService.GetOrthancPath, out path);

    private OrthancErrorCode SetProperty(string plugin, OrthancPluginProperty property, string value)
    {
        using var pluginText = new NativeText(plugin.AsSpan(), stackalloc byte[NativeText.StackSize]);
        using var valueText = new NativeText(value.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pluginPointer = pluginText, valuePointer = valueText)
        {
            var parameters = new SetPluginPropertyParameters { Plugin = pluginPointer, Property = property, Value = valuePointer };
            return Invoke(OrthancService.SetPluginProperty, &parameters);
        }
    }

    private OrthancErrorCode GetString(OrthancService service, out OwnedString? text)
    {
        byte* result = null;
        var parameters = new DynamicStringParameters { Result = &result };
        OrthancErrorCode code = Invoke(service, &parameters);
        if (code != OrthancErrorCode.Success)
        {
            text = null;
            return code;
        }

        return Adopt(result, out text);
    }
}
