using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

public sealed unsafe class HeaderBlockTests
{
    private const string Response = "answer";
    private readonly HeaderBlock _block = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void Joined_headers_cross_in_one_call_and_make_the_lines_that_they_would_make_alone()
    {
        _block.Clear(joins: true);
        Add("Date\0", "Mon, 20 Feb 2023 15:00:00 GMT\0");
        Add("ETag\0", "\"abc\"\0");
        Add("Vary", "Accept");

        Send();

        _seen.Should().Equal("Date: Mon, 20 Feb 2023 15:00:00 GMT\r\nETag: \"abc\"\r\nVary: Accept", Response);
    }

    [Fact]
    public void Headers_that_are_not_joined_cross_one_by_one()
    {
        _block.Clear(joins: false);
        Add("Date\0", "now\0");
        Add("ETag", "\"abc\"");

        Send();

        _seen.Should().Equal("Date: now", "ETag: \"abc\"", Response);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_stands_behind_a_zero_byte_takes_no_other_header_with_it(bool joins)
    {
        _block.Clear(joins);
        Add("A", "1\0hidden");
        Add("B", "2");

        Send();

        string.Join("\r\n", _seen).Should().Be($"A: 1\r\nB: 2\r\n{Response}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression_a_header_of_any_length_goes_out_with_its_response_and_with_the_others(bool joins)
    {
        _block.Clear(joins);
        (string Name, string Value)[] headers =
            [("A", new string('x', 1000)), ("B", new string('y', 1100)), ("C", "z"), ("D", new string('w', 100_000)), ("E", "")];
        foreach (var (name, value) in headers)
        {
            Add(name, value);
        }

        Send();

        string.Join("\r\n", _seen).Should().Be($"{string.Join("\r\n", headers.Select(h => $"{h.Name}: {h.Value}"))}\r\n{Response}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression_a_response_may_have_any_number_of_headers(bool joins)
    {
        _block.Clear(joins);
        var names = Enumerable.Range(0, 1000).Select(i => $"X-{i}").ToArray();
        Array.ForEach(names, name => Add(name, "1"));

        Send();

        string.Join("\r\n", _seen).Should().Be($"{string.Join("\r\n", names.Select(name => $"{name}: 1"))}\r\n{Response}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_long_header_that_the_server_refuses_keeps_its_response_back(bool joins)
    {
        using var orthanc = new FakeOrthanc();
        orthanc.Handler = (service, parameters) =>
        {
            _seen.Add(service.ToString());
            return service == OrthancService.SetHttpHeader && NativeString.AsSpan(((SetHttpHeaderParameters*)parameters)->Value).Length > 2048
                ? OrthancErrorCode.NotEnoughMemory
                : OrthancErrorCode.Success;
        };
        _block.Clear(joins);
        Add("Content-Disposition", new string('x', 3000));

        new RestOutput(orthanc.Context, null).SendStatus(200, "body"u8, _block).Should().Be(OrthancErrorCode.NotEnoughMemory);

        _seen.Should().Equal(nameof(OrthancService.SetHttpHeader));
    }

    [Fact]
    public void What_one_response_needed_does_not_stay_for_all_others()
    {
        var usual = _block.Capacity;
        Add("A", new string('x', 100_000));
        _block.Capacity.Should().BeGreaterThan(usual);

        _block.Clear(joins: true);
        Add("B", "1");
        Send();

        _block.Capacity.Should().Be(usual);
        _seen.Should().Equal("B: 1", Response);
    }

    [Fact]
    public void Nothing_of_one_response_is_left_for_the_next()
    {
        _block.Clear(joins: true);
        Add("A", "1");
        _block.Clear(joins: true);

        Send();

        _seen.Should().Equal(Response);
    }

    [Fact]
    public void A_response_is_not_sent_without_a_header_that_the_server_refuses()
    {
        using var orthanc = new FakeOrthanc();
        orthanc.Handler = (service, _) =>
        {
            _seen.Add(service.ToString());
            return OrthancErrorCode.NotEnoughMemory;
        };
        _block.Clear(joins: true);
        Add("Content-Encoding", "zstd");

        new RestOutput(orthanc.Context, null).Respond("body"u8, "text/plain"u8, _block).Should().Be(OrthancErrorCode.NotEnoughMemory);

        _seen.Should().Equal(nameof(OrthancService.SetHttpHeader));
    }

    [Theory]
    [InlineData("1.10.1", true)]
    [InlineData("1.12.7", true)]
    [InlineData("1.13.0", true)]
    [InlineData("1.13.1", false)]
    [InlineData("2.0.0", false)]
    [InlineData("mainline", false)]
    public void Only_servers_that_were_looked_at_are_trusted_with_line_ends(string version, bool expected)
    {
        using var orthanc = new FakeOrthanc(version);

        orthanc.Context.SendsHeadersAsTheyAre.Should().Be(expected);
    }

    private void Add(string name, string value) => _block.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    private void Send()
    {
        using var orthanc = new FakeOrthanc();
        orthanc.Handler = (service, parameters) =>
        {
            var header = (SetHttpHeaderParameters*)parameters;
            _seen.Add(service == OrthancService.SetHttpHeader ? $"{Text(header->Key)}: {Text(header->Value)}" : Response);
            return OrthancErrorCode.Success;
        };
        new RestOutput(orthanc.Context, null).Respond("body"u8, "text/plain"u8, _block).Should().Be(OrthancErrorCode.Success);
    }

    private static string Text(byte* text) => Encoding.UTF8.GetString(NativeString.AsSpan(text));
}
