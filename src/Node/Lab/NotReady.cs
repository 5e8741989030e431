using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Lab;

/// <summary>Why a node is not ready, in one line.</summary>
internal static class NotReady
{
    public static string Because(IEnumerable<ComponentModel> components) =>
        string.Join("; ", components.Where(part => !part.Ready).Select(part => $"{part.Name}: {part.Detail}"));
}
