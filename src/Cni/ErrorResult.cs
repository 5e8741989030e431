using System.Text.Json.Nodes;

namespace AkkaOverlay.Cni;

/// <summary>An error as a runtime reads it (CNI 1.1, "Error").</summary>
internal static class ErrorResult
{
    public static byte[] Write(string version, int code, string message, string details)
    {
        var error = new JsonObject { ["cniVersion"] = version, ["code"] = code, ["msg"] = message };
        if (details.Length > 0)
            error["details"] = details;
        return Json.Write(error);
    }
}
