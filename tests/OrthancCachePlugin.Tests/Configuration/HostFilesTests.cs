using System.Text.Json;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Tests.Storage;

namespace OrthancCachePlugin.Tests.Configuration;

public sealed class HostFilesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"ExternalDictionaries":["file"]}""")]
    [InlineData("""{"PythonScript":"file"}""")]
    public void A_file_that_the_configuration_names_counts_by_its_content(string configuration)
    {
        var missing = Digest(configuration);
        Write("one");
        var one = Digest(configuration);
        Write("two");
        var two = Digest(configuration);
        Write("one");

        new[] { missing, one, two }.Should().OnlyHaveUniqueItems();
        Digest(configuration).Should().Be(one, "its time does not count");
    }

    [Fact]
    public void A_configuration_of_other_types_is_no_error() =>
        Digest("""{"ExternalDictionaries":5,"PythonScript":[null]}""").Should().NotBe(default(Digest128));

    [Fact]
    public void It_is_the_same_from_one_start_to_the_next() => Digest("{}").Should().Be(Digest("{}"));

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.Path, "file"), text);

    private Digest128 Digest(string configuration)
    {
        using var document = JsonDocument.Parse(configuration);
        return HostFiles.DigestOf(document.RootElement, _folder.Path);
    }
}
