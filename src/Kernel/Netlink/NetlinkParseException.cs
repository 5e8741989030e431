namespace AkkaOverlay.Kernel.Netlink;

/// <summary>
/// Bytes that are no netlink message: a length that leaves its frame, or a value shorter than its type. The readers of this folder throw this and
/// nothing else, whatever they are given; an attribute or message of an unknown type is not an error but passed over.
/// </summary>
public sealed class NetlinkParseException(string message) : Exception(message);
