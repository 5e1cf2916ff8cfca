using OrthancCachePlugin.Core.Policy;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>Whether a success of the core is known to be complete. Asked between the response and the confirmation of its version.</summary>
public delegate bool CompletenessCheck(ResponseCache cache, in CacheRequest request, OriginAnswer response);
