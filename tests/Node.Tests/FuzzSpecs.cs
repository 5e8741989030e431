using System.Buffers.Binary;
using System.Diagnostics;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Fuzz.Targets;
using Xunit.Abstractions;

namespace AkkaOverlay.Node.Tests;

/// <summary>The processor belongs to these alone while they count inputs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FuzzCollection
{
    public const string Name = "fuzz";
}

/// <summary>
/// A moment of fuzzing for every parser of bytes from outside, each time with another seed; for longer: <c>dotnet run --project tests/Fuzz -- --seconds 600</c>.
/// </summary>
[Collection(FuzzCollection.Name)]
public sealed class FuzzSpecs(ITestOutputHelper output)
{
    /// <summary>All targets together take this long.</summary>
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(14);

    public static TheoryData<string> Targets => [.. AllTargets.List.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_does_harm(string name)
    {
        var target = AllTargets.List.Single(target => target.Name == name);
        var result = new Fuzzer(target, Environment.TickCount).Run(Whole / AllTargets.List.Count);
        output.WriteLine(result.ToString());
        Assert.True(result.Finding is null, result.Finding?.ToString());
        Assert.True(result.Inputs > 100, "too few inputs to say anything");
    }

    /// <summary>The first octet of an attribute's value, also where it has none: the octet behind it, or the end of the buffer.</summary>
    [Fact]
    public void A_parser_that_reads_one_octet_too_many_is_found()
    {
        var found = Find(new FuzzTarget("one-too-many", Shape.Netlink, NetlinkSamples.Addresses, bytes =>
        {
            // Behind nlmsghdr and ifaddrmsg.
            for (int at = 24, length; at + 4 <= bytes.Length; at += (length + 3) & ~3)
            {
                length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
                if (length < 4 || at + length > bytes.Length)
                    throw new FormatException("nla_len");
                _ = bytes[at + 4];
            }
        }, typeof(FormatException)));
        Assert.Contains(nameof(IndexOutOfRangeException), found.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_too_large_is_found() =>
        Assert.Contains(
            nameof(OverflowException),
            Find(FuzzTarget.OfText("int-parse", ["FLANNEL_MTU=1450"], text => _ = int.Parse(text["FLANNEL_MTU=".Length..], null), typeof(FormatException), typeof(ArgumentOutOfRangeException))).What,
            StringComparison.Ordinal);

    [Fact]
    public void A_length_that_is_believed_is_found()
    {
        var found = Find(new FuzzTarget("believer", Shape.Netlink, NetlinkSamples.Routes, bytes =>
        {
            if (bytes.Length >= 4)
                _ = new byte[BinaryPrimitives.ReadUInt32LittleEndian(bytes) & int.MaxValue / 4];
        }));
        Assert.Contains("MiB of memory", found.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parser_that_does_not_end_is_found()
    {
        using var enough = new ManualResetEventSlim();
        var clock = Stopwatch.StartNew();
        var found = Find(new FuzzTarget("endless", Shape.Text, ["a"u8.ToArray()], bytes =>
        {
            if (bytes.Length > 1)
                enough.Wait();
        }));
        enough.Set();
        Assert.Contains("does not come to an end", found.What, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_parser_that_makes_nonsense_is_found() =>
        Assert.Contains("taken for", Find(FuzzTarget.OfText("loose", ["10.1.2.0"], text =>
        {
            if (System.Net.IPAddress.TryParse(text, out var address) && address.ToString() != text)
                throw new BrokenPromiseException($"'{text}' taken for {address}");
        })).What, StringComparison.Ordinal);

    /// <summary>What a finding prints brings it back.</summary>
    private Finding Find(FuzzTarget broken)
    {
        var result = new Fuzzer(broken, seed: 1).Run(TimeSpan.FromSeconds(10));
        var finding = Assert.IsType<Finding>(result.Finding);
        output.WriteLine($"measured: {result.Inputs} inputs until {broken.Name} was found");
        if (!finding.What.StartsWith("does not", StringComparison.Ordinal))
            Assert.NotNull(Harness.Run(broken, Convert.FromHexString(Convert.ToHexString(finding.Input)), out _));
        return finding;
    }
}
