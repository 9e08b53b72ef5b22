using OnnxLens.Generation;

namespace OnnxLens.Cli.Rendering;

/// <summary>Names of <see cref="StopReason"/> in output and JSON.</summary>
internal static class StopReasons
{
    /// <summary>The name, e.g. <c>max_new_tokens</c>.</summary>
    public static string Name(StopReason reason) => reason switch
    {
        StopReason.MaxNewTokens => "max_new_tokens",
        StopReason.StopId => "stop_id",
        StopReason.StopText => "stop_text",
        StopReason.MaxLength => "max_length",
        StopReason.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Unknown reason."),
    };
}
