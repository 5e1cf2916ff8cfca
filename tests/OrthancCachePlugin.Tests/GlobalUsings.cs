global using FluentAssertions;
global using Xunit;
global using HttpMethod = OrthancCachePlugin.Core.Http.HttpMethod;
