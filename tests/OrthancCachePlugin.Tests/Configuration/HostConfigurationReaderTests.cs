using System.Text.Json;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Tests.Configuration;

public sealed class HostConfigurationReaderTests
{
    [Theory]
    [InlineData("{}", false)]
    [InlineData("{ \"RemoteAccessAllowed\" : true }", true)]
    [InlineData("{ \"RemoteAccessAllowed\" : true, \"AuthenticationEnabled\" : false }", false)]
    [InlineData("{ \"AuthenticationEnabled\" : true }", true)]
    [InlineData("{ \"AuthenticationEnabled\" : false, \"RegisteredUsers\" : { \"a\" : \"b\" } }", true)]
    [InlineData("{ \"RegisteredUsers\" : {} }", false)]
    [InlineData("{ \"Authorization\" : {} }", true)]
    [InlineData("{ \"Authorization\" : { \"Enable\" : false } }", false)]
    public void Knows_whether_somebody_has_to_say_who_they_are(string json, bool asks) => Read(json).AsksForAuthentication.Should().Be(asks);

    [Theory]
    [InlineData("{}", true, true)]
    [InlineData("{}", false, false)]
    [InlineData("{ \"HttpCompressionEnabled\" : false }", true, false)]
    [InlineData("{ \"HttpCompressionEnabled\" : true }", false, true)]
    [InlineData("{ \"HttpCompressionEnabled\" : \"yes\" }", false, false)]
    public void Knows_whether_the_host_compresses(string json, bool byDefault, bool compresses) =>
        Read(json, byDefault).CompressesAnswers.Should().Be(compresses);

    [Theory]
    [InlineData("{}", "")]
    [InlineData("{ \"PostgreSQL\" : { \"EnableIndex\" : true } }", "PostgreSQL")]
    [InlineData("{ \"PostgreSQL\" : { \"EnableStorage\" : true } }", "")]
    [InlineData("{ \"MySQL\" : { \"EnableIndex\" : true } }", "MySQL")]
    public void Knows_who_holds_the_index(string json, string plugin) => Read(json).IndexPlugin.Should().Be(plugin);

    [Theory]
    [InlineData("{ \"Authorization\" : { \"TokenGetArguments\" : [ \"ticket\", 5, \"pass\" ] } }", "ticket pass")]
    [InlineData("{ \"Authorization\" : { \"TokenGetArguments\" : \"ticket\" } }", "")]
    [InlineData("{ \"Authorization\" : 5 }", "")]
    public void Knows_the_tokens_of_the_authorization_plugin(string json, string names) =>
        string.Join(' ', Read(json).TokenArguments).Should().Be(names);

    [Theory]
    [InlineData("{ \"a\" : 1, \"b\" : 2 }", "{ \"b\" : 2, \"a\" : 1 }", true)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 2 }", false)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 1, \"HttpPort\" : 8042 }", true)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 1, \"RegisteredUsers\" : { \"x\" : \"y\" } }", true)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 1, \"ResponseCache\" : { \"MaximumSize\" : 64 } }", true)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 1, \"DefaultEncoding\" : \"Utf8\" }", false)]
    [InlineData("{ \"a\" : 1 }", "{ \"a\" : 1, \"Dictionary\" : { \"0014,1020\" : [ \"DA\" ] } }", false)]
    public void Its_digest_follows_what_may_shape_a_response(string one, string other, bool isSame) =>
        (Read(one).Digest == Read(other).Digest).Should().Be(isSame);

    private static HostConfiguration Read(string json, bool compressesByDefault = false)
    {
        using var document = JsonDocument.Parse(json);
        return HostConfigurationReader.Read(document.RootElement, compressesByDefault);
    }
}
