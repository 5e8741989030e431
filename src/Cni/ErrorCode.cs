namespace AkkaOverlay.Cni;

/// <summary>Codes of an error result: below 100 the specification's (CNI 1.1, "Error"), from 100 our own.</summary>
internal static class ErrorCode
{
    public const int IncompatibleVersion = 1;

    public const int ContainerUnknown = 3;

    public const int InvalidEnvironment = 4;

    public const int InputOutput = 5;

    public const int Decoding = 6;

    public const int InvalidConfig = 7;

    public const int TryAgain = 11;

    public const int NotAvailable = 50;

    /// <summary>No directory of CNI_PATH has the delegate.</summary>
    public const int DelegateMissing = 100;

    /// <summary>The delegate cannot be started, or failed without an error in CNI's format.</summary>
    public const int DelegateFailed = 101;

    /// <summary>A defect of this program.</summary>
    public const int Internal = 999;
}
