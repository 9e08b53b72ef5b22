using Spectre.Console;

namespace OnnxLens.Cli.Rendering;

/// <summary>Colours a cell by a probability: dark blue is 0, over green, to bright yellow at 1.</summary>
internal static class ProbabilityColours
{
    private static readonly (float At, Color Colour)[] Stops =
    [
        (0f, new Color(38, 34, 74)),
        (0.25f, new Color(44, 95, 138)),
        (0.5f, new Color(33, 145, 140)),
        (0.75f, new Color(94, 201, 98)),
        (1f, new Color(253, 231, 37)),
    ];

    /// <summary>The probabilities that a legend shows.</summary>
    public static ReadOnlySpan<float> Legend => [0, 0.25f, 0.5f, 0.75f, 1];

    /// <summary>Foreground and background. A probability that is not a number has none.</summary>
    public static Style Of(float probability)
    {
        if (float.IsNaN(probability))
        {
            return Style.Plain;
        }

        float p = Math.Clamp(probability, 0, 1);
        int upper = Math.Max(1, Array.FindIndex(Stops, stop => p <= stop.At));
        (float from, Color low) = Stops[upper - 1];
        (float to, Color high) = Stops[upper];
        Color background = low.Blend(high, (p - from) / (to - from));
        return new Style(p < 0.6f ? Color.White : Color.Black, background);
    }
}
