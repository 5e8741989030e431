using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Extension;

/// <param name="Value">Empty where there is none, as with flannel.</param>
public readonly record struct CommandValue(string Name, string Value);

/// <summary>A command with everything that it is given. Two that are equal do the same.</summary>
/// <param name="Arguments">The program first. Addresses and networks of other hosts may stand in them, and no text of theirs.</param>
/// <param name="Environment">Beside PATH, HOME and LANG, which are the node's own.</param>
/// <param name="Input">Standard input.</param>
public sealed record PreparedCommand(EquatableArray<string> Arguments, EquatableArray<CommandValue> Environment, string Input)
{
    /// <param name="subnets">None before there is a lease.</param>
    /// <param name="data">What the other host published; null where no other host is meant.</param>
    public static PreparedCommand? Of(ExtensionCommand? command, NetworkConfig network, HostAddresses host, LeaseSubnets? subnets, string? data)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (command is null)
            return null;
        List<CommandValue> values = [Value(ExtensionNames.Network, network.IPv4?.Network), Value(ExtensionNames.IPv6Network, network.IPv6?.Network)];
        if (subnets is { } held)
        {
            values.Add(Value(ExtensionNames.Subnet, held.IPv4?.Network));
            values.Add(Value(ExtensionNames.IPv6Subnet, held.IPv6?.Network));
        }
        values.Add(Value(ExtensionNames.PublicIp, host.IPv4));
        values.Add(Value(ExtensionNames.PublicIPv6, host.IPv6));
        var byName = values.ToDictionary(value => value.Name, value => value.Value);
        var arguments = command.Arguments.Select((argument, index) => index == 0 ? argument : ValueNames.Replace(argument, byName.GetValueOrDefault));
        return new PreparedCommand([.. arguments], [.. values], data is null ? "" : data + "\n");
    }

    private static CommandValue Value(string name, IpPrefix? prefix) => new(name, prefix?.ToString() ?? "");

    private static CommandValue Value(string name, IPAddress? address) => new(name, address?.ToString() ?? "");
}
