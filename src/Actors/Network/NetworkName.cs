using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// Which of the networks on one host this is. The one without a name is the default; every other one has a routing table and nexthop ids that follow from its
/// name alone, so that each process can tell its objects from the others' without asking anybody (docs/decisions/21-networks-side-by-side.md).
/// </summary>
public readonly record struct NetworkName
{
    /// <summary>In octets; what a device may be called (IFNAMSIZ), so that a bridge can have the name too.</summary>
    public const int LongestText = 15;

    public const string Rule = "1 to 15 letters, digits and '-', a letter or digit first; not 'default', which is the network without a name";

    /// <summary>The tables of named networks: 0x4D is our protocol number, 77, and the rest is of the name's SHA-256.</summary>
    public const uint FirstTable = 0x4D000000, LastTable = 0x4DFFFFFF;

    private readonly string? text;

    private NetworkName(string text) => this.text = text;

    /// <summary>The network without a name.</summary>
    public static NetworkName Default => default;

    /// <summary>Empty for the default network; so it goes over the wire.</summary>
    public string Text => text ?? "";

    public bool IsDefault => Text.Length == 0;

    /// <summary>The only table that a named network writes to; the default network's, where its operator chooses none.</summary>
    public uint Table => IsDefault ? Route.MainTable : FirstTable | Hash;

    /// <summary>Where new nexthop objects begin to look for a free id: far from the other networks', so that two processes do not take the same one at once.</summary>
    public uint FirstNexthopId => FirstTable | (IsDefault ? 0 : Hash);

    /// <summary>The first 24 bits, without 0, which the default network has.</summary>
    private uint Hash => Math.Max(1, BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(Text))) >> 8);

    /// <returns>False where the text breaks <see cref="Rule"/>.</returns>
    public static bool TryParse(string text, out NetworkName name)
    {
        bool valid = text.Length is > 0 and <= LongestText && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && text[0] != '-'
            && !text.Equals("default", StringComparison.OrdinalIgnoreCase);
        name = valid ? new NetworkName(text) : default;
        return valid;
    }

    /// <summary>True where a route or a rule of our protocol number belongs to this network: by its table.</summary>
    public bool HasTable(uint table) => IsDefault ? !IsNamed(table) : table == Table;

    /// <summary>True for a table that is some named network's.</summary>
    public static bool IsNamed(uint table) => table is >= FirstTable and <= LastTable;

    /// <summary>For an operator.</summary>
    public override string ToString() => IsDefault ? "the default network" : $"network '{Text}'";
}
