using System.Text.Json;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>
/// What a job had counted when it was done with a resource: what it begins with after a restart, for it does the resource again that it was
/// at then. Immutable.
/// </summary>
/// <param name="Stored">Answers that were computed and kept.</param>
/// <param name="Held">Answers that were held already.</param>
/// <param name="NotKept">Answers that were computed and not kept.</param>
/// <param name="Gone">Resources that were gone.</param>
/// <param name="Unsettled">Answers of what was too young.</param>
internal sealed record JobCounts(long Stored, long Held, long NotKept, long Gone, long Unsettled)
{
    public static readonly JobCounts None = new(0, 0, 0, 0, 0);

    /// <summary>Reads what <see cref="Save"/> wrote; what is not there is zero.</summary>
    public static JobCounts Read(JsonElement saved) => new(
        Number(saved, nameof(Stored)), Number(saved, nameof(Held)), Number(saved, nameof(NotKept)), Number(saved, nameof(Gone)), Number(saved, nameof(Unsettled)));

    /// <summary>Writes them as members of an object.</summary>
    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteNumber(nameof(Stored), Stored);
        writer.WriteNumber(nameof(Held), Held);
        writer.WriteNumber(nameof(NotKept), NotKept);
        writer.WriteNumber(nameof(Gone), Gone);
        writer.WriteNumber(nameof(Unsettled), Unsettled);
    }

    private static long Number(JsonElement saved, string name) =>
        saved.TryGetProperty(name, out var member) && member.TryGetInt64(out var value) && value > 0 ? value : 0;
}
