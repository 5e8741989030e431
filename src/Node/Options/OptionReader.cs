using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Logging;

namespace AkkaOverlay.Node.Options;

/// <summary>The values of options as they were given, each read as what it must be.</summary>
internal sealed class OptionReader(IReadOnlyDictionary<string, OptionValue> given)
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public string? Text(string name)
    {
        if (!given.TryGetValue(name, out var value))
            return null;
        if (value.Values.Count != 1)
            throw new UsageException($"{value.Source}: given {value.Values.Count} times, takes one value");
        return value.Values[0].Length > 0 ? value.Values[0] : throw Bad(name, "", "must not be empty");
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var values = given.TryGetValue(name, out var value) ? value.Values : [];
        return values.Contains("") ? throw Bad(name, "", "must not be empty") : values;
    }

    /// <summary>Without backtracking, as flannel's RE2 is: a pattern cannot keep the start waiting. The time limit is for what is left.</summary>
    public Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Bad("iface-regex", text, $"not a regular expression ({(e is NotSupportedException ? "look-around and back-references are not supported" : e.Message)})");
        }
    }

    public int? Port(string name) => Text(name) is { } text
        ? ParsePort(text) ?? throw Bad(name, text, "not a port (1 to 65535)")
        : null;

    public int? Number(string name, int least, int most) => Text(name) is not { } text ? null
        : AddressMath.TryParseDecimal(text, out int number) && number >= least && number <= most ? number
        : throw Bad(name, text, $"must be a number from {least} to {most}");

    public IPAddress? Address(string name, int bits = 0) => Text(name) is not { } text ? null
        : AddressMath.TryParseStrict(text, out var address) && (bits == 0 || address.BitLength() == bits) ? address
        : throw Bad(name, text, bits switch { 32 => "not an IPv4 address", 128 => "not an IPv6 address", _ => "not an IP address" });

    public IPEndPoint? EndPoint(string name) => Text(name) is not { } text ? null
        : SeedEntry.Parse(text, 0) is { Port: > 0 } entry && AddressMath.TryParseStrict(entry.Host, out var address) ? new IPEndPoint(address, entry.Port)
        : throw Bad(name, text, "not ADDRESS:PORT or [IPv6]:PORT");

    public ApiToken? ApiToken() => Text("api-token-file") is not { } file ? null
        : given.ContainsKey("api-listen") ? ApiTokenReader.Read(given["api-token-file"].Source, file)
        : throw Bad("api-token-file", file, "is for --api-listen, which is not given");

    public IEnumerable<IPAddress> Addresses(string name) =>
        Texts(name).Select(text => AddressMath.TryParseStrict(text, out var address) ? address : throw Bad(name, text, "not an IP address"));

    public string? OneOf(string name, params string[] allowed) => Text(name) is not { } text ? null
        : allowed.Contains(text) ? text
        : throw Bad(name, text, $"must be {string.Join(" or ", allowed)}");

    public TimeSpan? Duration(string name, TimeSpan shortest) => Text(name) is not { } text ? null
        : Options.Duration.Parse(text) is not { } duration ? throw Bad(name, text, Options.Duration.Rule)
        : duration < shortest ? throw Bad(name, text, $"too short: at least {DurationText.Of(shortest)}, or hosts that are only slow would lose their subnets")
        : duration > Options.Duration.Longest ? throw Bad(name, text, $"too long: at most {DurationText.Of(Options.Duration.Longest)}")
        : duration;

    public TimeSpan Drain() => Text("drain") is "false" or null ? TimeSpan.Zero
        : Text("drain") == "true" ? RunOptions.DefaultDrain
        : Duration("drain", TimeSpan.Zero)!.Value;

    public NetworkName Network() => Text("network") is not { } text ? NetworkName.Default
        : NetworkName.TryParse(text, out var name) ? name
        : throw Bad("network", text, NetworkName.Rule);

    public uint RouteTable(NetworkName network)
    {
        if (Text("route-table") is not { } text)
            return network.Table;
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint table) || table is 0 or 253 or 255)
            throw Bad("route-table", text, "a table's number from 1 on, but not 253 (default) or 255 (local)");
        if (!network.IsDefault && table != network.Table)
            throw Bad("route-table", text, $"the table of {network} follows from its name: {network.Table}");
        return network.IsDefault && NetworkName.IsNamed(table)
            ? throw Bad("route-table", text, $"{NetworkName.FirstTable} to {NetworkName.LastTable} are the tables of networks with a name")
            : table;
    }

    /// <summary>IFNAMSIZ, and what dev_valid_name (net/core/dev.c) takes.</summary>
    public string? Bridge(uint table) => Text("bridge") is not { } text ? null
        : Encoding.UTF8.GetByteCount(text) > 15 || text is "." or ".." || text.Any(c => c is '/' or ':' || char.IsWhiteSpace(c)) ? throw Bad("bridge", text, "not a device's name")
        : table == Kernel.Rtnetlink.Route.MainTable ? throw Bad("bridge", text, "needs a table of its own: --network NAME, or --route-table ID")
        : text;

    /// <param name="machine">What this machine calls itself.</param>
    public string NodeName(string machine) => Text("node-name") is not { } text
        ? HostName.IsValid(machine) ? machine : throw new UsageException($"this machine calls itself '{PlainText.Of(machine)}', which is no name for a host ({HostName.Rule}): give --node-name")
        : HostName.IsValid(text) ? text
        : throw Bad("node-name", text, HostName.Rule);

    public IReadOnlyList<string> Roles()
    {
        var roles = given.TryGetValue("role", out var value) ? value.Values : [];
        foreach (string role in roles)
        {
            if (role == OverlaySettings.CoreRole)
                throw Bad("role", role, "the seed list alone says who is of the core");
            if (role.Length == 0 || !role.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                throw Bad("role", role, "letters, digits, '-' and '_'");
        }
        return roles;
    }

    public IReadOnlyList<SeedEntry> Seeds(int defaultPort)
    {
        if (!given.TryGetValue("seed", out var value))
            throw new UsageException("no seed: give --seed HOST[:PORT], the same list on every host");
        return [.. value.Values.Select(text => SeedEntry.Parse(text, defaultPort) ?? throw Bad("seed", text, "not HOST, HOST:PORT or [IPv6]:PORT"))];
    }

    private UsageException Bad(string name, string value, string rule) => new($"{given[name].Source} '{value}': {rule}");

    internal static int? ParsePort(ReadOnlySpan<char> text) =>
        AddressMath.TryParseDecimal(text, out int port) && port is > 0 and <= 65535 ? port : null;
}
