using Spectre.Console;
using Spectre.Console.Rendering;

namespace OnnxLens.Cli.Rendering;

/// <summary>One line that is printed as it is: never wrapped, never padded.</summary>
internal sealed class StyledLine(IEnumerable<Segment> segments) : IRenderable
{
    private readonly Segment[] _segments = [.. segments];

    /// <inheritdoc/>
    public Measurement Measure(RenderOptions options, int maxWidth)
    {
        int width = Segment.CellCount(_segments);
        return new Measurement(width, width);
    }

    /// <inheritdoc/>
    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [.. _segments, Segment.LineBreak];
}
