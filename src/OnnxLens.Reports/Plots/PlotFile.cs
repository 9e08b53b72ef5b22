using ScottPlot;
using SkiaSharp;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws plots into an image file, one above the other.</summary>
internal static class PlotFile
{
    private const int Smallest = 300;
    private const int Largest = 10_000;
    private const int Quality = 100;

    /// <summary>Writes a PNG or an SVG file, as the name's ending says; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="panels">The plots from top to bottom, each with its share of the height.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not from 300 to 10,000 pixels.</exception>
    /// <exception cref="OutputException">The ending is another one, or the file system refused.</exception>
    internal static void Write(string path, int width, int height, params ReadOnlySpan<(Plot Plot, double Share)> panels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckSize(width, nameof(width));
        CheckSize(height, nameof(height));
        Action<Stream, Action<SKCanvas>> draw = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => (stream, paint) => DrawPng(stream, width, height, paint),
            ".SVG" => (stream, paint) => DrawSvg(stream, width, height, paint),
            _ => throw new OutputException($"Cannot write '{path}': a plot is a PNG or an SVG file. Give a name that ends in .png or .svg.", path),
        };
        (Plot Plot, double Share)[] all = panels.ToArray();
        foreach ((Plot plot, _) in all)
            PlotFont.Apply(plot, PlotStyle.FontSize);
        AtomicFile.Write(path, stream => draw(stream, canvas => Paint(canvas, width, height, all)));
    }

    private static void CheckSize(int pixels, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, Smallest, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixels, Largest, name);
    }

    private static void DrawPng(Stream stream, int width, int height, Action<SKCanvas> paint)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        paint(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, Quality);
        png.SaveTo(stream);
    }

    private static void DrawSvg(Stream stream, int width, int height, Action<SKCanvas> paint)
    {
        // The first rendering of a plot is two, the first of them to measure; an SVG file would keep both.
        using (var measured = new SKNoDrawCanvas(width, height))
            paint(measured);
        using var content = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), content))
            paint(canvas);
        content.Position = 0;
        content.CopyTo(stream);
    }

    private static void Paint(SKCanvas canvas, int width, int height, (Plot Plot, double Share)[] panels)
    {
        canvas.Clear(SKColors.White);
        double top = 0;
        foreach ((Plot plot, double share) in panels)
        {
            double bottom = top + (share * height);
            // A plot begins by clearing all of the canvas that it can reach.
            canvas.Save();
            canvas.ClipRect(new SKRect(0, (float)top, width, (float)bottom));
            plot.Render(canvas, new PixelRect(0, width, (float)bottom, (float)top));
            canvas.Restore();
            top = bottom;
        }
    }
}
