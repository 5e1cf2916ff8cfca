using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Http;

public sealed class FieldTextTests
{
    [Theory]
    [InlineData("no-store", true)]
    [InlineData("No-Store", true)]
    [InlineData("NO-STORE", true)]
    [InlineData("max-age=0, no-store", true)]
    [InlineData("max-age=0,no-store,no-cache", true)]
    [InlineData(" \tno-store\t ", true)]
    [InlineData("no-store=1", true)]
    [InlineData("no-store=\"\"", true)]
    [InlineData("private=\"a, b\", no-store", true)]
    [InlineData("x=\"\\\"\", no-store", true)]
    [InlineData("x=\"unfinished, no-store", true)]
    [InlineData("x=\"\\", false)]
    [InlineData("", false)]
    [InlineData(",", false)]
    [InlineData("no-storey", false)]
    [InlineData("x-no-store", false)]
    [InlineData("no-store-ever", false)]
    [InlineData("extension=no-store", false)]
    [InlineData("private=\"no-store\"", false)]
    [InlineData("private=\"x, no-store\"", false)]
    [InlineData("private=\"x, no-store, y\", max-age=1", false)]
    [InlineData("x=\"\\\", no-store\"", false)]
    [InlineData("no store", false)]
    public void A_directive_is_a_token_of_any_case_and_no_part_of_another(string field, bool has) =>
        FieldText.HasDirective(Encoding.Latin1.GetBytes(field), "no-store"u8).Should().Be(has);
}
