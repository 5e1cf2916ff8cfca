namespace OrthancCachePlugin.Core.Refusals;

/// <summary>What the origin would have said to the client. Texts stand for bytes, one character each (Latin-1).</summary>
/// <param name="Kind">How it says it.</param>
/// <param name="Number">The error code or the status, as the kind has it.</param>
/// <param name="Text">Details of an error, the methods allowed, or the place to go to; null where there is none.</param>
public readonly record struct Refusal(RefusalKind Kind, int Number, string? Text)
{
    public static Refusal Error(int code, string? details = null) => new(RefusalKind.Error, code, details);

    public static Refusal Status(int status) => new(RefusalKind.Status, status, null);

    public static Refusal MethodNotAllowed(string allowed) => new(RefusalKind.MethodNotAllowed, 405, allowed);

    public static Refusal Redirect(string location) => new(RefusalKind.Redirect, 0, location);
}
