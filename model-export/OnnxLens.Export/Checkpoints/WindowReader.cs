using System.Collections.Immutable;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Checkpoints;

/// <summary>Reads which layers attend within a sliding window, as transformers' config classes do.</summary>
internal static class WindowReader
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    // transformers' defaults for configs without the fields.
    private const int DefaultWindow = 4096;
    private const int DefaultFirstWindowed = 28;

    /// <summary>The window of each layer, null where it sees everything.</summary>
    /// <exception cref="CheckpointException">A field is out of range or contradicts another.</exception>
    /// <exception cref="UnsupportedArchitectureException">A kind of layer is not built.</exception>
    public static ImmutableArray<int?> Read(JsonFields config, WindowRule rule, int layers) => rule switch
    {
        WindowRule.Never => [.. Enumerable.Repeat<int?>(null, layers)],
        WindowRule.EveryLayer => EveryLayer(config, layers),
        WindowRule.ByLayer => ByLayer(config, layers),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Unknown window rule."),
    };

    private static ImmutableArray<int?> EveryLayer(JsonFields config, int layers)
    {
        // A null says that there is no window; an absent field means the default.
        bool given = config.Names.Contains("sliding_window");
        int? window = given ? config.OptionalInt("sliding_window", 1, int.MaxValue) : DefaultWindow;
        string expected = window is null ? Full : Sliding;
        return LayerTypes(config, layers) is { } types && types.Any(type => type != expected)
            ? throw new UnsupportedArchitectureException(
                $"{config.Where("layer_types")} mixes kinds of attention, which this architecture does not; expected '{expected}' for every layer.")
            : [.. Enumerable.Repeat(window, layers)];
    }

    private static ImmutableArray<int?> ByLayer(JsonFields config, int layers)
    {
        int? window = null;
        if (config.Bool("use_sliding_window", absent: false))
        {
            window = config.Names.Contains("sliding_window") ? config.OptionalInt("sliding_window", 1, int.MaxValue) : DefaultWindow;
        }

        if (LayerTypes(config, layers) is { } types)
        {
            return window is null && types.Contains(Sliding)
                ? throw new CheckpointException(
                    $"{config.Where("layer_types")} names '{Sliding}', but 'use_sliding_window' is false or 'sliding_window' is null. Set both, or name '{Full}' for every layer.")
                : [.. types.Select(type => type == Sliding ? window : null)];
        }

        int firstWindowed = config.OptionalInt("max_window_layers", 0, int.MaxValue) ?? DefaultFirstWindowed;
        return [.. Enumerable.Range(0, layers).Select(layer => layer >= firstWindowed ? window : null)];
    }

    private static string[]? LayerTypes(JsonFields config, int layers)
    {
        string[]? types = config.OptionalStrings("layer_types");
        if (types is null)
        {
            return null;
        }

        if (types.Length != layers)
        {
            throw new CheckpointException(
                $"{config.Where("layer_types")} has {types.Length} entries; expected {layers}, as 'num_hidden_layers' says. Give the config.json that belongs to the weights.");
        }

        string? unknown = types.FirstOrDefault(type => type is not (Full or Sliding));
        return unknown is null
            ? types
            : throw new UnsupportedArchitectureException(
                $"{config.Where("layer_types")} names '{unknown}', which is not built; expected '{Full}' or '{Sliding}'.");
    }
}
