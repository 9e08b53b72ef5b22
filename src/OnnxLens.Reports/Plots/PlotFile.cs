using System.Globalization;
using System.Text;
using ScottPlot;
using SkiaSharp;

namespace OnnxLens.Reports.Plots;

/// <summary>Draws plots into an image file, one above the other.</summary>
/// <remarks>
/// Sizes are in units of which <see cref="UnitsPerInch"/> make an inch, so that a plot of 800 units is as wide as the text of a page and
/// its letters are then of 9 points. A PNG file has <see cref="PixelsPerUnit"/> pixels for each unit, and says how large it is on paper.
/// </remarks>
internal static class PlotFile
{
    /// <summary>Units of length in an inch on paper.</summary>
    internal const int UnitsPerInch = 120;

    /// <summary>Pixels of a PNG file for each unit of length.</summary>
    internal const int PixelsPerUnit = 3;

    private const int Smallest = 300;
    private const int Largest = 5_000;
    private const int Quality = 100;

    /// <summary>Bytes of a PNG file before its second chunk: the signature and the header.</summary>
    private const int HeaderBytes = 33;

    /// <summary>The chunk that says 14,173 pixels a metre, which are 360 an inch: length, name, both numbers, their unit, check sum.</summary>
    private static ReadOnlySpan<byte> PhysicalSize =>
        [0, 0, 0, 9, (byte)'p', (byte)'H', (byte)'Y', (byte)'s', 0, 0, 0x37, 0x5D, 0, 0, 0x37, 0x5D, 1, 0x19, 0x80, 0x46, 0x5D];

    /// <summary>Writes a PNG or an SVG file, as the name's ending says; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Width in units.</param>
    /// <param name="height">Height in units.</param>
    /// <param name="panels">The plots from top to bottom, each with its share of the height.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not from 300 to 5,000 units.</exception>
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

    private static void CheckSize(int units, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, Smallest, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(units, Largest, name);
    }

    private static void DrawPng(Stream stream, int width, int height, Action<SKCanvas> paint)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width * PixelsPerUnit, height * PixelsPerUnit));
        surface.Canvas.Scale(PixelsPerUnit);
        paint(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, Quality);
        stream.Write(png.AsSpan()[..HeaderBytes]);
        stream.Write(PhysicalSize);
        stream.Write(png.AsSpan()[HeaderBytes..]);
    }

    private static void DrawSvg(Stream stream, int width, int height, Action<SKCanvas> paint)
    {
        // The first rendering of a plot is two, the first of them to measure; an SVG file would keep both.
        using (var measured = new SKNoDrawCanvas(width, height))
            paint(measured);
        using var content = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), content))
            paint(canvas);
        string size = string.Create(CultureInfo.InvariantCulture, $"width=\"{width}\" height=\"{height}\">");
        string svg = Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
        int root = svg.IndexOf(size, StringComparison.Ordinal);

        // Without a view box the picture would be cut, not scaled, where it is given another size. A reader without the font takes a like one.
        string scalable = string.Create(CultureInfo.InvariantCulture, $"width=\"{(double)width / UnitsPerInch:F3}in\" height=\"{(double)height / UnitsPerInch:F3}in\" viewBox=\"0 0 {width} {height}\">");
        string body = svg[(root + size.Length)..].Replace("font-family=\"DejaVu Sans\"", "font-family=\"DejaVu Sans, Verdana, sans-serif\"", StringComparison.Ordinal);

        // What a plot clears is a black rectangle here, whose edge shows between two plots.
        string cleared = string.Create(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\"/>");
        svg = svg[..root] + scalable + body.Replace(cleared, "", StringComparison.Ordinal);
        stream.Write(Encoding.UTF8.GetBytes(svg));
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
