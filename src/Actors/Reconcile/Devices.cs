using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>One dump of the devices, by name and by index.</summary>
public sealed class Devices
{
    private readonly Dictionary<string, Link> byName = [];
    private readonly Dictionary<int, Link> byIndex = [];

    public static Devices Of(IEnumerable<Link> links)
    {
        var devices = new Devices();
        foreach (var link in links)
        {
            devices.byName[link.Name] = link;
            devices.byIndex[link.Index] = link;
        }
        return devices;
    }

    public IEnumerable<Link> All => byIndex.Values;

    public Link? Find(string name) => byName.GetValueOrDefault(name);

    public Link? At(int index) => byIndex.GetValueOrDefault(index);

    public string? NameOf(int index) => byIndex.GetValueOrDefault(index)?.Name;
}
