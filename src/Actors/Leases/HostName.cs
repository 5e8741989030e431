namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// What a host may be called: labels of letters, digits and '-' with dots between them (RFC 1123, 2.1; RFC 1035, 2.3.4). '_' is taken too, for machines are called so.
/// Names are for people and for reservations; who owns a lease is another matter (<see cref="NodeId"/>).
/// </summary>
public static class HostName
{
    public const string Rule = "letters, digits, '-' and '_', labels of 1 to 63 characters that neither begin nor end with '-', '.' between them, at most 253 in all";

    /// <summary>Compared as DNS does (RFC 4343): without regard to case.</summary>
    public static readonly StringComparer Comparer = StringComparer.OrdinalIgnoreCase;

    private const int Longest = 253;
    private const int LongestLabel = 63;

    public static bool IsValid(string text) => text.Length is > 0 and <= Longest && text.Split('.').All(IsLabel);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
