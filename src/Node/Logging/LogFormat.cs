namespace AkkaOverlay.Node.Logging;

/// <summary>How the node writes its log.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object on each line.</summary>
    Json,
}
