using System.Text;
using ScottPlot;
using SkiaSharp;

namespace OnnxLens.Reports.Plots;

/// <summary>The font of all plots. It travels with the assembly, so that text is drawn, and drawn alike, on machines without fonts too.</summary>
internal sealed class PlotFont : IFontResolver
{
    /// <summary>The name by which labels ask for it. No installed font has it.</summary>
    internal const string Name = "OnnxLens plots";

    private const string Resource = "DejaVuSans.ttf";

    private static readonly Lazy<SKData> Bytes = new(Load);
    private static readonly Lazy<SKTypeface> Face = new(() => SKTypeface.FromData(Bytes.Value));

    static PlotFont() => Fonts.FontResolvers.Add(new PlotFont());

    private PlotFont()
    {
    }

    /// <summary>Gives every label of a plot the font, at a size in units of length.</summary>
    internal static void Apply(Plot plot, float size)
    {
        plot.Font.Set(Name);
        foreach (IAxis axis in plot.Axes.GetAxes())
        {
            axis.Label.Bold = false;
            axis.Label.FontSize = size;
            axis.TickLabelStyle.FontSize = size;
        }

        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = PlotStyle.TitleSize;
        plot.Legend.FontName = Name;
        plot.Legend.FontSize = size;
    }

    /// <summary>Width of a line of text in units of length.</summary>
    internal static float Width(string text, float size)
    {
        using var font = new SKFont(Face.Value, size);
        return font.MeasureText(text);
    }

    /// <summary>True where the font has a letter for a character.</summary>
    internal static bool Has(Rune rune) => Face.Value.ContainsGlyph(rune.Value);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? SKTypeface.FromData(Bytes.Value) : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

    private static SKData Load()
    {
        using Stream stream = typeof(PlotFont).Assembly.GetManifestResourceStream(Resource)!;
        return SKData.Create(stream);
    }
}
