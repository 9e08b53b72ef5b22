using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints tables: coloured and cut to a terminal, or as plain aligned text where output goes elsewhere.</summary>
internal static class GridWriter
{
    /// <summary>Cells of a terminal are at most this wide.</summary>
    public const int TerminalCellWidth = 14;

    /// <summary>Cells of plain text are at most this wide.</summary>
    public const int PlainCellWidth = 60;

    /// <summary>The widest cell for this output.</summary>
    public static int MaxCellWidth(CliHost host) => host.OutputIsTerminal ? TerminalCellWidth : PlainCellWidth;

    /// <summary>How many of the last value columns are printed.</summary>
    public static int Shown(CliHost host, TextGrid grid) =>
        host.OutputIsTerminal ? grid.LastThatFit(host.Console.Profile.Width) : grid.Columns;

    /// <summary>Prints the label column and the last columns.</summary>
    public static void Write(CliHost host, TextGrid grid, int shown)
    {
        if (!host.OutputIsTerminal)
        {
            foreach (ImmutableArray<GridCell> line in grid.Lines(shown, int.MaxValue))
            {
                host.Out.WriteLine(string.Join("  ", line.Select(cell => cell.Text)).TrimEnd());
            }

            return;
        }

        foreach (ImmutableArray<GridCell> line in grid.Lines(shown, host.Console.Profile.Width))
        {
            IEnumerable<Segment> segments = line.SelectMany((cell, i) => i == 0 ? [Styled(cell)] : new[] { new Segment(" "), Styled(cell) });
            host.Console.Write(new StyledLine(segments));
        }
    }

    /// <summary>Prints a line of text; on a terminal it is wrapped between words.</summary>
    public static void WriteText(CliHost host, string text)
    {
        if (host.OutputIsTerminal)
        {
            host.Console.Write(new Text(VisibleText.ForTerminal(text)));
            host.Console.WriteLine();
        }
        else
        {
            host.Out.WriteLine(text);
        }
    }

    /// <summary>Prints what the colours mean, where there are any.</summary>
    public static void WriteLegend(CliHost host)
    {
        if (!host.OutputIsTerminal || host.Console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors)
        {
            return;
        }

        var segments = new List<Segment> { new("probability ") };
        foreach (float probability in ProbabilityColours.Legend)
        {
            segments.Add(new Segment(string.Create(CultureInfo.InvariantCulture, $" {probability} "), ProbabilityColours.Of(probability)));
        }

        host.Console.Write(new StyledLine(segments));
    }

    private static Segment Styled(GridCell cell) =>
        cell.Probability is float probability ? new Segment(cell.Text, ProbabilityColours.Of(probability)) : new Segment(cell.Text);
}
