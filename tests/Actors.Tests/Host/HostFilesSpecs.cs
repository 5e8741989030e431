using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Tests.Host;

public sealed class HostFilesSpecs : IDisposable
{
    private static readonly HeldLease Held = new(Samples.DualLease(1).Subnets, 7);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-host-");
    private readonly HostFiles files;

    public HostFilesSpecs() => files = new HostFiles(directory.FullName, InDirectory("run/flannel/subnet.env"));

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void A_new_host_remembers_nothing()
    {
        Assert.Null(files.LoadLease());
        Assert.Null(files.LoadFeed("boot"));
    }

    [Fact]
    public void A_lease_is_remembered_until_it_is_forgotten()
    {
        files.SaveLease(Held with { Generation = 3 });
        files.SaveLease(Held);
        Assert.Equal(Held, files.LoadLease());
        files.ForgetLease();
        files.ForgetLease();
        Assert.Null(files.LoadLease());
    }

    [Fact]
    public void The_feed_is_remembered_for_this_boot_only()
    {
        var view = View(1, 2, 3);
        files.SaveFeed("boot", new SavedLedger(view, null));
        var loaded = files.LoadFeed("boot")!.View;
        Assert.Equal((false, view.Epoch, view.Revision, view.Network), (loaded.Live, loaded.Epoch, loaded.Revision, loaded.Network));
        Assert.Equal(view.Leases.Values.OrderBy(lease => lease.Generation), loaded.Leases.Values.OrderBy(lease => lease.Generation));
        Assert.Null(files.LoadFeed("another boot"));
        files.ForgetFeed();
        Assert.Null(files.LoadFeed("boot"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("no json")]
    [InlineData("""{ "held": { "subnets": { "ipv4": { "address": "AQID", "length": 24 } } } }""")]
    [InlineData("""{ "held": { "subnets": { "ipv4": { "address": "!" } } } }""")]
    public void A_broken_lease_is_never_taken_for_none(string content)
    {
        File.WriteAllText(InDirectory("lease.json"), content);
        Assert.Contains("lease.json", Assert.Throws<InvalidDataException>(files.LoadLease).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{ "bootId": "boot" }""")]
    [InlineData("""{ "bootId": "boot", "epoch": "AAAA" }""")]
    [InlineData("""{ "bootId": "boot", "epoch": "AAAAAAAAAAAAAAAAAAAAAA==", "network": { "version": "1", "netConf": "{}" } }""")]
    public void A_broken_feed_is_no_feed(string content)
    {
        File.WriteAllText(InDirectory("feed.json"), content);
        Assert.Null(files.LoadFeed("boot"));
    }

    [Fact]
    public void Half_a_feed_is_no_feed()
    {
        files.SaveFeed("boot", new SavedLedger(View(1, 2), null));
        string whole = File.ReadAllText(InDirectory("feed.json"));
        for (int length = 0; length < whole.TrimEnd().Length; length += 7)
        {
            File.WriteAllText(InDirectory("feed.json"), whole[..length]);
            Assert.Null(files.LoadFeed("boot"));
        }
    }

    [Fact]
    public void Fields_of_a_newer_release_are_passed_over()
    {
        files.SaveLease(Held);
        files.SaveFeed("boot", new SavedLedger(View(1), null));
        foreach (string name in (string[])["lease.json", "feed.json"])
            File.WriteAllText(InDirectory(name), File.ReadAllText(InDirectory(name)).Insert(1, "\"addedLater\": { \"a\": [1] },"));
        Assert.Equal(Held, files.LoadLease());
        Assert.NotNull(files.LoadFeed("boot"));
    }

    [Fact]
    public void What_a_crash_left_half_written_hurts_nobody()
    {
        files.SaveLease(Held);
        File.WriteAllText(InDirectory("lease.json.new"), "half");
        Assert.Equal(Held, files.LoadLease());
        files.SaveLease(Held with { Generation = 8 });
        Assert.Equal(8, files.LoadLease()!.Generation);
        Assert.False(File.Exists(InDirectory("lease.json.new")));
    }

    [Fact]
    public void A_file_is_exchanged_and_never_rewritten()
    {
        files.SaveLease(Held);
        using var before = File.OpenText(InDirectory("lease.json"));
        files.SaveLease(Held with { Generation = 8 });
        // A reader that had it open reads the old one to its end.
        Assert.Contains("\"7\"", before.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_subnet_file_is_for_everybody_and_written_only_when_it_differs()
    {
        Assert.True(files.WriteSubnetFile("A=1\n"));
        Assert.Equal("A=1\n", File.ReadAllText(files.SubnetFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(files.SubnetFile));
        Assert.False(files.WriteSubnetFile("A=1\n"));
        Assert.True(files.WriteSubnetFile("A=2\n"));
        Assert.Equal("A=2\n", File.ReadAllText(files.SubnetFile));
    }

    [Fact]
    public void State_is_for_the_owner_alone()
    {
        files.SaveLease(Held);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(InDirectory("lease.json")));
    }

    [Fact]
    public void A_subnet_file_that_never_was_can_be_deleted()
    {
        files.DeleteSubnetFile();
        files.WriteSubnetFile("A=1\n");
        files.DeleteSubnetFile();
        files.DeleteSubnetFile();
        Assert.False(File.Exists(files.SubnetFile));
    }

    internal static LedgerView View(params int[] nodes) => new(
        true,
        Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        300,
        Samples.Version(Samples.IPv4Network),
        nodes.ToImmutableDictionary(Samples.Node, node => Samples.Lease(node)));

    private string InDirectory(string name) => Path.Combine(directory.FullName, name);
}
