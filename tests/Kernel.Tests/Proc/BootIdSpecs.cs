using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Kernel.Tests.Proc;

public sealed class BootIdSpecs
{
    [Fact]
    public void It_is_the_same_every_time_and_not_empty()
    {
        Assert.NotEqual(Guid.Empty, BootId.Read());
        Assert.Equal(BootId.Read(), BootId.Read());
    }
}
