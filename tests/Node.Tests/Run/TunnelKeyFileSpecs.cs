using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>The host's private key in its state directory.</summary>
public sealed class TunnelKeyFileSpecs : IDisposable
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("akka-overlay-key-");

    private string File => Path.Combine(state.FullName, "tunnel-key");

    public void Dispose() => state.Delete(recursive: true);

    [Fact]
    public void It_is_made_for_its_owner_alone_and_found_again()
    {
        var made = TunnelKeyFile.Open(state.FullName, TimeProvider.System).Key.PublicKey;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(made, TunnelKeyFile.Open(state.FullName, TimeProvider.System).Key.PublicKey);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void One_that_others_may_read_or_write_is_refused_in_one_line_that_does_not_show_it(UnixFileMode more)
    {
        TunnelKeyFile.Open(state.FullName, TimeProvider.System);
        string key = System.IO.File.ReadAllText(File).Trim();
        System.IO.File.SetUnixFileMode(File, System.IO.File.GetUnixFileMode(File) | more);
        string refusal = Assert.Throws<StartException>(() => TunnelKeyFile.Open(state.FullName, TimeProvider.System)).Message;
        Assert.Contains("chmod 600", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
        Assert.DoesNotContain(key, refusal, StringComparison.Ordinal);
    }
}
