using System.Diagnostics.CodeAnalysis;

namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// Who a host is, whatever its addresses and its name: the owner of a lease. Made once, at random, and kept in <c>&lt;state-dir&gt;/node-id</c>.
/// </summary>
public readonly record struct NodeId(Guid Value)
{
    public static NodeId New() => new(Guid.NewGuid());

    public static bool TryParse([NotNullWhen(true)] string? text, out NodeId id)
    {
        // Guid takes white space around and signs inside, which would make two texts of one id.
        bool parsed = Guid.TryParseExact(text, "D", out var value) && value != Guid.Empty && value.ToString("D").Equals(text, StringComparison.OrdinalIgnoreCase);
        id = parsed ? new NodeId(value) : default;
        return parsed;
    }

    public static NodeId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a node id such as 0f8fad5b-d9cb-469f-a165-70867728950e.");

    public override string ToString() => Value.ToString("D");
}
