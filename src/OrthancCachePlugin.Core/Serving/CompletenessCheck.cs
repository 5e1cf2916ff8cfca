using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>Whether a success of the origin is known to be complete. Asked between the response and the confirmation of its version.</summary>
public delegate bool CompletenessCheck(ResponseCache cache, in CacheRequest request, OriginResponse response);
