using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Which device carries the tunnels, and under which addresses. What the operator asks for is tried in flannel's order: each --iface, each
/// --iface-regex, --iface-can-reach; the first device that can be used wins. Asked for nothing: the device that has the public address, the one that
/// has or leads to a seed, the default route's.
/// </summary>
public static class UnderlaySelection
{
    /// <param name="seeds">Addresses of the seeds: where nothing is said, the device that leads to them is right on every host.</param>
    /// <param name="network">Says which families the device must have addresses of; null where this host does not know yet.</param>
    /// <exception cref="StartException">No device fits what was asked for.</exception>
    public static Underlay Select(RunOptions options, IReadOnlyList<IPAddress> seeds, IRtnetlink kernel, NetworkConfig? network = null)
    {
        var host = new UnderlayHost(kernel);
        var wishes = Wishes(options, host).ToList();
        if (wishes.Count == 0)
        {
            var found = Unasked(options, seeds, host, network);
            return Flaw(found, host, network) is { } flaw ? throw new StartException($"the underlay device {flaw}") : Make(found, host, options, network);
        }
        var reasons = new List<string>();
        foreach (var wish in wishes)
        {
            var flaws = new List<string>();
            foreach (var candidate in wish.Candidates)
            {
                if (Flaw(candidate, host, network) is not { } flaw)
                    return Make(candidate, host, options, network);
                flaws.Add(flaw);
            }
            reasons.Add($"{wish.Option}: {(flaws.Count == 0 ? wish.Nothing : string.Join(", ", flaws))}");
        }
        throw new StartException($"no underlay device: {string.Join("; ", reasons)}; this host has {host.Describe()}");
    }

    private static IEnumerable<Wish> Wishes(RunOptions options, UnderlayHost host)
    {
        foreach (string wanted in options.Interfaces)
        {
            yield return AddressMath.TryParseStrict(wanted, out var address)
                ? new Wish($"--iface {wanted}", [.. host.Holders(address).Select(holder => holder with { Named = true })], "no device has this address")
                : new Wish($"--iface {wanted}", host.Named(wanted) is { } named ? [named] : [], "there is no such device");
        }
        foreach (var pattern in options.InterfacePatterns)
            yield return new Wish($"--iface-regex {pattern}", Matching(pattern, host), "matches no address and no name");
        if (options.InterfaceCanReach is { } goal)
            yield return new Wish($"--iface-can-reach {goal}", host.Towards(goal) is { } way ? [way] : [], "no route leads there");
    }

    /// <summary>Those with an address that matches, then those whose name does. Never the loopback device nor a tunnel of this product or of flannel: ".*" means neither.</summary>
    private static List<UnderlayCandidate> Matching(Regex pattern, UnderlayHost host)
    {
        var links = host.Links.Where(link => !link.Loopback && !link.Name.StartsWith("flannel", StringComparison.Ordinal)).ToList();
        try
        {
            var byAddress =
                from link in links
                let match = UnderlayAddresses.Ranked(host.AddressesOf(link)).FirstOrDefault(held => pattern.IsMatch(held.Address.ToString()))
                where match is not null
                select new UnderlayCandidate(link, match.Address);
            var byName = links.Where(link => pattern.IsMatch(link.Name)).Select(link => new UnderlayCandidate(link));
            return [.. byAddress.Concat(byName).DistinctBy(candidate => candidate.Link.Index)];
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new StartException($"--iface-regex {pattern}: takes longer than {e.MatchTimeout.TotalSeconds:0.#} s to match", e);
        }
    }

    private static UnderlayCandidate Unasked(RunOptions options, IReadOnlyList<IPAddress> seeds, UnderlayHost host, NetworkConfig? network)
    {
        var public4 = options.PublicIPv4 is { } v4 ? host.Holders(v4).FirstOrDefault() : null;
        var public6 = options.PublicIPv6 is { } v6 ? host.Holders(v6).FirstOrDefault() : null;
        if (public4 is not null && public6 is not null && public4.Link != public6.Link)
        {
            throw new StartException(
                $"--public-ip {public4.Exact} is an address of {public4.Link.Name}, --public-ipv6 {public6.Exact} one of {public6.Link.Name}: both must be of one underlay device, or name it with --iface");
        }
        if ((public4 ?? public6) is { } known)
            return known;
        return seeds.SelectMany(host.Holders).FirstOrDefault(seat => !seat.Link.Loopback)
            ?? seeds.Select(host.Towards).FirstOrDefault(way => way is { Link.Loopback: false })
            ?? new UnderlayCandidate(DefaultRoute(host, network));
    }

    private static Link DefaultRoute(UnderlayHost host, NetworkConfig? network)
    {
        var v4 = network is null or { EnableIPv4: true } ? host.DefaultRoute(AddressFamily.InterNetwork) : null;
        var v6 = network is null or { EnableIPv6: true } ? host.DefaultRoute(AddressFamily.InterNetworkV6) : null;
        if (network is { EnableIPv4: true, EnableIPv6: true } && v4 is not null && v6 is not null && v4 != v6)
        {
            throw new StartException(
                $"the network has IPv4 and IPv6, but the IPv4 default route leaves by {v4.Name} and the IPv6 one by {v6.Name}: name the underlay device with --iface");
        }
        return v4 ?? v6 ?? throw new StartException(
            $"no underlay device: no route leads to the seeds and there is no default route; name it with --iface; this host has {host.Describe()}");
    }

    /// <summary>Why this device cannot carry the tunnels; null where it can.</summary>
    private static string? Flaw(UnderlayCandidate candidate, UnderlayHost host, NetworkConfig? network)
    {
        var link = candidate.Link;
        if (link.Loopback && !candidate.Named)
            return $"{link.Name} is the loopback device";
        if (!link.Up)
            return $"{link.Name} is down";
        if (link.Mtu <= 0)
            return $"{link.Name} has MTU {link.Mtu}";
        if (candidate.Exact is { } exact && host.AddressesOf(link).FirstOrDefault(held => held.Address.Equals(exact)) is { } held && !UnderlayAddresses.Bindable(held))
            return $"{link.Name} cannot use {UnderlayAddresses.Describe(held)}";
        var local = Local(candidate, host, network);
        if (local is { IPv4: null, IPv6: null })
            return $"{link.Name} has no usable address";
        if (network is { EnableIPv4: true } && local.IPv4 is null)
            return $"{link.Name} has no usable IPv4 address, and the network has IPv4";
        return network is { EnableIPv6: true } && local.IPv6 is null ? $"{link.Name} has no usable IPv6 address, and the network has IPv6" : null;
    }

    private static Underlay Make(UnderlayCandidate candidate, UnderlayHost host, RunOptions options, NetworkConfig? network)
    {
        var local = Local(candidate, host, network);
        return new Underlay(candidate.Link.Name, candidate.Link.Mtu, local, new HostAddresses(options.PublicIPv4 ?? local.IPv4, options.PublicIPv6 ?? local.IPv6))
        {
            OnLink = host.AddressesOf(candidate.Link).Select(held => held.Prefix.Network).Distinct().Order().ToEquatableArray(),
        };
    }

    /// <summary>A link-local IPv6 address, which every device has, counts only where the network asks for IPv6: elsewhere it says nothing.</summary>
    private static HostAddresses Local(UnderlayCandidate candidate, UnderlayHost host, NetworkConfig? network)
    {
        var mine = host.AddressesOf(candidate.Link).ToList();
        var best = new HostAddresses(
            UnderlayAddresses.Best(mine, AddressFamily.InterNetwork, linkLocalIPv6: false),
            UnderlayAddresses.Best(mine, AddressFamily.InterNetworkV6, linkLocalIPv6: network is { EnableIPv6: true }));
        return candidate.Exact switch
        {
            { AddressFamily: AddressFamily.InterNetwork } v4 => best with { IPv4 = v4 },
            { } v6 => best with { IPv6 = v6 },
            null => best,
        };
    }

    /// <param name="Option">As the operator would type it.</param>
    /// <param name="Nothing">Why there are no candidates, where there are none.</param>
    private sealed record Wish(string Option, IReadOnlyList<UnderlayCandidate> Candidates, string Nothing);
}
