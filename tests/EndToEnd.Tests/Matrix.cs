namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Every container pings every other one.</summary>
internal static class Matrix
{
    public static async Task AssertNoLoss(OverlayLab lab, bool ipv6 = false, int count = 3)
    {
        var lost = new List<string>();
        foreach (var from in lab.Hosts)
        {
            foreach (var to in lab.Hosts.Where(to => to != from))
            {
                for (int i = 0; i < count; i++)
                {
                    if (await from.Pinger.PingAsync((ipv6 ? to.ContainerAddress6 : to.ContainerAddress)!, TimeSpan.FromSeconds(2)) is null)
                        lost.Add($"{from.Name} to {to.Name}");
                }
            }
        }
        Assert.Empty(lost);
    }
}
