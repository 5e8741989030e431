using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Namespaces;

public sealed class NetworkNamespaceSpecs : IDisposable
{
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_new_one_has_only_a_loopback_and_ip_sees_it()
    {
        Assert.Contains(_test.Name, NetworkNamespace.Names());
        Assert.Equal("lo", Assert.Single(_test.Kernel.DumpLinks()).Name);
        Assert.Contains("lo:", _test.Ip("link show"), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_is_inside_and_its_caller_stays_outside()
    {
        string outside = Here();
        string inside = _test.Inside.Run(Here);

        Assert.NotEqual(outside, inside);
        Assert.Equal(outside, Here());
        using var again = NetworkNamespace.Open(_test.Name);
        Assert.Equal(inside, again.Run(Here));
        using var current = NetworkNamespace.OpenCurrent();
        Assert.Equal(outside, current.Run(Here));
    }

    [Fact]
    public void A_socket_stays_inside_wherever_it_is_used()
    {
        _test.AddVeth("only0");
        Assert.NotNull(_test.Kernel.FindLink("only0"));
        using var outside = RtnetlinkSocket.Open();
        Assert.Null(outside.FindLink("only0"));
    }

    [Fact]
    public void What_is_thrown_inside_arrives_with_its_stack()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => _test.Inside.Run(Fail));
        Assert.Equal("inside", thrown.Message);
        Assert.Contains(nameof(Fail), thrown.StackTrace!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_starts_inside_and_is_found_there()
    {
        Assert.Empty(_test.Inside.ProcessesInside());
        using var process = _test.Inside.StartProcess(new ProcessStartInfo("sleep", "60"));
        try
        {
            Assert.Equal([process.Id], _test.Inside.ProcessesInside());
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
        Assert.Empty(_test.Inside.ProcessesInside());
    }

    [Fact]
    public void Pool_threads_stay_outside_when_processes_run_inside()
    {
        string inside = _test.Inside.Run(Here);
        for (int i = 0; i < 5; i++)
        {
            using var process = _test.Inside.StartProcess(new ProcessStartInfo("readlink", "/proc/self/ns/net") { RedirectStandardOutput = true });
            Assert.Equal(inside, process.StandardOutput.ReadToEnd().Trim());
            process.WaitForExit();
        }
        // The thread of Run may outlive its Join by a moment.
        Assert.True(SpinWait.SpinUntil(() => !ThreadNamespaces().Contains(inside), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Deleting_removes_the_name_at_once()
    {
        string name = _test.Name + "-gone";
        NetworkNamespace.Create(name).Dispose();
        Assert.Throws<IOException>(() => NetworkNamespace.Create(name));
        NetworkNamespace.Delete(name);
        Assert.DoesNotContain(name, NetworkNamespace.Names());
        Assert.Throws<FileNotFoundException>(() => NetworkNamespace.Delete(name));
        Assert.Throws<IOException>(() => NetworkNamespace.Open(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_name_that_is_no_file_is_refused(string name) => Assert.Throws<ArgumentException>(() => NetworkNamespace.Create(name));

    private static List<string?> ThreadNamespaces()
    {
        var found = new List<string?>();
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                found.Add(new FileInfo(task + "/ns/net").LinkTarget);
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }
        return found;
    }

    private static string Here() => new FileInfo("/proc/thread-self/ns/net").LinkTarget!;

    private static void Fail() => throw new InvalidOperationException("inside");
}
