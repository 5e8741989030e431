using AkkaOverlay.Kernel.Files;

namespace AkkaOverlay.Kernel.Tests.Files;

public sealed class DirectoryEntriesSpecs
{
    [Fact]
    public void A_directory_is_synced_and_one_that_is_not_there_is_named()
    {
        DirectoryEntries.Flush(Path.GetTempPath());
        Assert.Contains("/nowhere/at/all", Assert.Throws<IOException>(() => DirectoryEntries.Flush("/nowhere/at/all")).Message, StringComparison.Ordinal);
    }
}
