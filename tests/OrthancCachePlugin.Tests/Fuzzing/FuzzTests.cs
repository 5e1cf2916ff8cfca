using System.Globalization;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Serving;
using OrthancCachePlugin.Tests.Storage;
using OrthancCachePlugin.Tests.Tags;
using Xunit;

namespace OrthancCachePlugin.Tests.Fuzzing;

/// <summary>
/// Whatever comes from disks, clients and configurations is read without an exception, and what is accepted means what it should.
/// <c>RESPONSE_CACHE_FUZZ_RUNS</c> sets the number of inputs for each reader, <c>RESPONSE_CACHE_SEED</c> repeats a run.
/// </summary>
public sealed class FuzzTests
{
    private const string Tag = "0123456789abcdef0123456789abcdef";
    private const string Study = "/studies/8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d";

    private delegate void Reader(byte[] input);

    [Fact]
    public void A_record_of_the_log_that_passes_is_the_one_that_was_written()
    {
        var payload = Encoding.UTF8.GetBytes("what Orthanc has answered, long enough to be cut somewhere");
        Run([LoggedRecordTests.Record(payload), LoggedRecordTests.Record([])], [[0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 128]], input =>
        {
            if (LoggedRecord.TryRead(input, LoggedRecordTests.Key, out var header, out var at))
            {
                var read = input.AsSpan(at, header.PayloadSize).ToArray();
                (read.Length == 0 || read.AsSpan().SequenceEqual(payload)).Should().BeTrue();
                header.CreatedAt.Should().Be(1234);
            }

            LoggedRecord.TryMeasure(input, out _);
        });
    }

    [Fact]
    public void A_checkpoint_that_passes_is_the_one_that_was_written()
    {
        var data = new CheckpointData(7, 8, Guid.Empty, "what FASTER says of the log"u8.ToArray());
        Run([CheckpointFile.Encode(data)], [[0, 0, 0, 0], [255, 255, 255, 127]], input =>
        {
            _ = CheckpointFile.Decode(input, 7, out var read);
            if (read is not null)
            {
                read.StoreId.Should().Be(8);
                read.Description.Should().Equal(data.Description);
            }
        });
    }

    [Fact]
    public void A_stored_response_that_passes_lies_within_its_bytes()
    {
        byte[][] valid = [.. new[] { ContentCoding.Identity, ContentCoding.Zstd, ContentCoding.Gzip }
            .Select(c => StoredResponseTests.Write("{\"a\":1}", "application/json", "filename=x", "", 5, 1676905200, c))];
        Run(valid, [[0, 0, 0, 0], [255, 255, 255, 255], "RA"u8.ToArray()], input =>
        {
            if (StoredResponse.TryRead(input, out var response))
            {
                var size = response.ContentType.Length + response.ContentDisposition.Length + response.ContentEncoding.Length + response.Body.Length;
                size.Should().BeLessThan(input.Length);
                response.DecodedSize.Should().BeGreaterThanOrEqualTo(0);
            }
        });
    }

    [Fact]
    public void Tags_that_pass_are_written_as_they_are_and_as_json_in_each_format()
    {
        var text = new TagText();
        byte[][] pieces = ["\\\""u8.ToArray(), "\\ufffd"u8.ToArray(), "\n   "u8.ToArray(), "[\n"u8.ToArray(), "{\n"u8.ToArray(), "}"u8.ToArray(), "null"u8.ToArray(), "\"Sequence\""u8.ToArray()];
        byte[][] valid =
        [
            Encoding.UTF8.GetBytes(TagTextTests.Entries(("0008,0005", "SpecificCharacterSet"), ("0010,0010", "PatientName"), ("0010,0011", "PatientName"))),
            Encoding.UTF8.GetBytes(TagTextTests.Full),
        ];
        Run(valid, pieces, input =>
        {
            if (!text.TryParse(input))
            {
                return;
            }

            foreach (var format in Enum.GetValues<TagFormat>())
            {
                var written = new byte[TagText.MaximumSize(input, depth: 1)];
                var size = text.Write(input, format, depth: 0, written);
                if (format == TagFormat.Full)
                {
                    written[..size].Should().Equal(input);
                }

                if (IsJson(input))
                {
                    IsJson(written.AsSpan(0, size)).Should().BeTrue("of {0}", Encoding.UTF8.GetString(input));
                }

                text.Write(input, format, depth: 1, written);
            }
        });
    }

    [Fact]
    public void If_None_Match_names_a_tag_only_where_it_stands()
    {
        byte[][] valid = [.. new[] { $"\"{Tag}\"", $"W/\"{Tag}\"", $"\"a\", W/\"b,c\" ,\"{Tag}\"", "*", Tag, $"{Tag}-zstd" }.Select(Encoding.ASCII.GetBytes)];
        Run(valid, [.. new[] { "W/", "\"", ",", "*", " ", "-zstd", "\t" }.Select(Encoding.ASCII.GetBytes)], input =>
        {
            if (EntityTag.IsNamedBy(input, Encoding.ASCII.GetBytes(Tag)))
            {
                Encoding.Latin1.GetString(input).Should().Contain(Tag);
            }

            if (EntityTag.IsStronglyNamedBy(input, Encoding.ASCII.GetBytes(Tag)))
            {
                EntityTag.IsNamedBy(input, Encoding.ASCII.GetBytes(Tag)).Should().BeTrue();
            }

            _ = EntityTag.IsAny(input);
        });
    }

    [Fact]
    public void A_date_that_passes_comes_out_again()
    {
        byte[][] valid = [.. new[] { "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Tue, 31 Dec 9999 23:59:60 GMT" }.Select(Encoding.ASCII.GetBytes)];
        Run(valid, [.. new[] { "GMT", "Feb", "30", ":", "  ", "-", "0000", "99" }.Select(Encoding.ASCII.GetBytes)], input =>
        {
            if (HttpDate.TryParse(input, out var seconds))
            {
                var text = new byte[HttpDate.Length];
                HttpDate.Format(seconds, text);
                HttpDate.TryParse(text, out var again).Should().BeTrue();
                again.Should().Be(seconds);
            }
        });
    }

    [Fact]
    public void Fields_of_requests_are_read()
    {
        byte[][] valid = [.. new[] { "gzip, deflate, br, zstd", "identity;q=0, *;q=0.5", "zstd;q=1.000,gzip;Q=0.123", "no-store, max-age=0", "private=\"a,no-store\", x" }.Select(Encoding.ASCII.GetBytes)];
        Run(valid, [.. new[] { ";q=", "*", ",", "0.", "1.0001", "\"", "\\", "no-store" }.Select(Encoding.ASCII.GetBytes)], input =>
        {
            var accepted = AcceptEncoding.Parse(input);
            (Math.Min(accepted.Identity, Math.Min(accepted.Gzip, accepted.Zstd)) >= 0 && Math.Max(accepted.Identity, Math.Max(accepted.Gzip, accepted.Zstd)) <= 1000).Should().BeTrue();
            if (FieldText.HasDirective(input, "no-store"u8))
            {
                Encoding.Latin1.GetString(input).Contains("no-store", StringComparison.OrdinalIgnoreCase).Should().BeTrue();
            }
        });
    }

    [Fact]
    public void Requests_are_read_and_equal_keys_mean_equal_paths()
    {
        var policy = new RequestPolicy(new PolicyOptions());
        var keys = new Dictionary<string, string>();
        byte[][] valid =
        [
            .. new[]
            {
                $"{Study}/shared-tags?short&simplify=1", $"{Study}/instances-tags", $"{Study}/archive?transcode=1.2.840.10008.1.2.4.50&filename=a.zip",
                "/instances/f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af/frames/0/rendered?width=10&height=20&_=7", "/instances/f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af/tags?ignore-length=0010-0010",
            }.Select(Encoding.ASCII.GetBytes),
        ];
        Run(valid, [.. new[] { "?", "&", "=", "/", "%00", "..", "short", "simplify", "token=x", "//" }.Select(Encoding.ASCII.GetBytes)], input =>
        {
            var target = Encoding.Latin1.GetString(input);
            var exchange = new FakeExchange(target);
            if (!RouteTable.TryMatch(exchange.Path, out var match))
            {
                return;
            }

            Span<byte> buffer = stackalloc byte[RequestKey.MaximumSize];
            if (policy.Read(exchange, match, buffer, out var request) == RequestDecision.Cacheable)
            {
                var path = Encoding.UTF8.GetString(exchange.Path);
                var known = keys.TryAdd(request.Key.RequestDigest.ToString(), path) ? path : keys[request.Key.RequestDigest.ToString()];
                known.Should().Be(path);
            }
        });
    }

    [Fact]
    public void A_configuration_is_read_or_its_problems_are_named()
    {
        byte[][] valid =
        [
            """{"ResponseCache":{"Enable":true,"Directory":"/var/lib/x","MaximumSize":1024,"MemorySize":64,"ExpirationDays":7,"CacheControl":"max-age=5","Archives":"auto"}}"""u8.ToArray(),
            """{"ResponseCache":{"WarmUp":false,"WarmUpRoutes":["shared-tags?short","attachments"],"WarmUpThreads":2,"ExcludedRoutes":["instances/frames/{n}/*"],"SharedDatabase":true}}"""u8.ToArray(),
        ];
        Run(valid, [.. new[] { "null", "1e99", "-1", "[]", "{}", "\"\"", "true", "\\u0000", "99999999999999999999" }.Select(Encoding.ASCII.GetBytes)], input =>
        {
            // As it comes from Orthanc: decoded, and without halves of surrogates, which its own reader refuses.
            var text = Encoding.UTF8.GetString(input);
            if (!IsJson(Encoding.UTF8.GetBytes(text)) || text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            var reader = new OptionsReader();
            var options = reader.Read(json.RootElement);
            options.MaximumSize.Should().BeInRange(64, 1 << 20);
            options.MemorySize.Should().BeLessThanOrEqualTo(options.MaximumSize / 2);
            options.WarmUpThreads.Should().BeInRange(1, 16);
            reader.Problems.All(p => p.Text.StartsWith("\"ResponseCache", StringComparison.Ordinal) && !p.Text.Any(char.IsControl)).Should().BeTrue();
        });
    }

    private static void Run(byte[][] valid, byte[][] pieces, Reader read)
    {
        var runs = Number("RESPONSE_CACHE_FUZZ_RUNS") ?? 20_000;
        var seed = Number("RESPONSE_CACHE_SEED") ?? Random.Shared.Next();
        var mutator = new Mutator(seed, valid, pieces);
        Array.ForEach(valid, v => read(v));
        for (var i = 0; i < runs; i++)
        {
            var input = mutator.Next();
            try
            {
                read(input);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"RESPONSE_CACHE_SEED={seed}, input {i}: {Convert.ToHexString(input)}", failure);
            }
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 256 });
            return JsonDocument.TryParseValue(ref reader, out var document) && Release(document) && reader.BytesConsumed == text.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Release(JsonDocument document)
    {
        document.Dispose();
        return true;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
