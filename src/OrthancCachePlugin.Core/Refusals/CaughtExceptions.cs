namespace OrthancCachePlugin.Core.Refusals;

/// <summary>What the origin's HTTP server says of an exception that it catches.</summary>
public static class CaughtExceptions
{
    /// <summary>The error that the client gets.</summary>
    public static Refusal Describe(CaughtException exception) => exception switch
    {
        CaughtException.LexicalCast => Refusal.Error(OriginCode.BadParameterType, "Syntax error in some user-supplied data"),
        CaughtException.Filesystem => Refusal.Error(OriginCode.InternalError, "Error while accessing the filesystem"),
        CaughtException.Runtime => Refusal.Error(OriginCode.BadRequest, "Presumably an error while parsing the JSON body"),
        CaughtException.Memory => Refusal.Error(OriginCode.NotEnoughMemory, "The server hosting Orthanc is running out of memory"),
        _ => Refusal.Error(OriginCode.InternalError, "An unhandled exception was generated inside the HTTP server"),
    };
}
