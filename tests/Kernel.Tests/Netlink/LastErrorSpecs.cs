using System.Runtime.InteropServices;
using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Tests.Netlink;

public class LastErrorSpecs
{
    /// <summary>An address that is formatted, a file name that is looked up: each may call the system.</summary>
    [Fact]
    public void The_errno_is_that_of_the_call_whatever_its_text_calls()
    {
        Marshal.SetLastPInvokeError(17);
        Assert.Equal("make x: File exists (EEXIST)", Errno.LastError($"make {Clobber("x")}").Message);
        Marshal.SetLastPInvokeError(2);
        Assert.Equal("look: No such file or directory (ENOENT)", Errno.LastError("look").Message);
    }

    private static string Clobber(string text)
    {
        Marshal.SetLastPInvokeError(203);
        return text;
    }
}
