using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Fuzz.Engine;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>Single values, typed by people or printed by other programs. None of these may throw at all.</summary>
internal static class TextTargets
{
    public static IEnumerable<FuzzTarget> All()
    {
        yield return FuzzTarget.OfText("seed", ["192.0.2.1", "node-2.example:4054", "[2001:db8::3]:4055", "2001:db8::4"], ReadSeed);
        yield return FuzzTarget.OfText("prefix", ["10.1.2.0/24", "0.0.0.0/0", "2001:db8::/32", "::ffff:1.2.3.4/128"], ReadPrefix);
        yield return FuzzTarget.OfText("mac", ["02:00:00:00:00:01", "FF:ff:Ff:fF:00:9a"], ReadMac);
        yield return FuzzTarget.OfText("node-id", ["0f8fad5b-d9cb-469f-a165-70867728950e"], ReadNodeId);
        yield return FuzzTarget.OfText("list-jobs", ["  123 poweroff.target start waiting\n124 ssh.service stop running\n", "7 reboot.target start waiting\n", "No jobs running.\n", ""], ReadJobs);
    }

    private static void ReadSeed(string text)
    {
        if (SeedEntry.Parse(text, 4053) is not { } seed)
            return;
        if (seed.Host.Length == 0 || seed.Port is < 1 or > 65535)
            throw new BrokenPromiseException(seed.ToString());
        // A host that could be an address, read by other rules elsewhere, must be that address.
        if (IPAddress.TryParse(seed.Host, out var address) && address.ToString() != seed.Host)
            throw new BrokenPromiseException($"'{seed.Host}' would be taken for {address}");
        if (text.Any(char.IsControl))
            throw new BrokenPromiseException($"control characters were passed over: {seed}");
    }

    private static void ReadPrefix(string text)
    {
        if (!IpPrefix.TryParse(text, null, out var prefix))
            return;
        if (!text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.' or '/'))
            throw new BrokenPromiseException($"'{text}' was taken for {prefix}");
        if (!IpPrefix.TryParse(prefix.ToString(), null, out var again) || again != prefix)
            throw new BrokenPromiseException($"{prefix} is read as {again}");
        if (!prefix.Contains(prefix.Last) || !prefix.Contains(prefix.Network.Address) || !prefix.Network.IsNetwork)
            throw new BrokenPromiseException($"{prefix} from {prefix.Network} to {prefix.Last}");
    }

    private static void ReadMac(string text)
    {
        if (MacAddress.TryParse(text, null, out var mac) && !mac.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            throw new BrokenPromiseException($"'{text}' was taken for {mac}");
    }

    private static void ReadNodeId(string text)
    {
        if (NodeId.TryParse(text, out var id) && !id.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            throw new BrokenPromiseException($"'{text}' was taken for {id}");
    }

    private static void ReadJobs(string text)
    {
        if (LeaseFate.SaysGoodbye(text) && !text.Contains("poweroff.target", StringComparison.Ordinal) && !text.Contains("halt.target", StringComparison.Ordinal))
            throw new BrokenPromiseException("a farewell that nobody said");
    }
}
