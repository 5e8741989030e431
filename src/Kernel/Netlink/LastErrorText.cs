using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>What a system call was for, and its errno as it was before anything of the text was put together: that may call the system itself.</summary>
[InterpolatedStringHandler]
internal ref struct LastErrorText
{
    private DefaultInterpolatedStringHandler text;

    public LastErrorText(int literalLength, int formattedCount)
    {
        Errno = Marshal.GetLastPInvokeError();
        text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public int Errno { get; }

    /// <summary>Once.</summary>
    public string Text => text.ToStringAndClear();

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);
}
