using OnnxLens.Cli.Rendering;
using OnnxLens.Generation;

namespace OnnxLens.Cli.Tests;

/// <summary>What reaches the terminal: visible, safe, and as wide as it says.</summary>
[TestClass]
public sealed class RenderingTests
{
    [TestMethod]
    [DataRow(" a b", "·a·b")]
    [DataRow("a\n\t\r", "a⏎⇥\\x0D")]
    [DataRow("\u001b[31mred", "\\x1B[31mred")]
    [DataRow("\u009b\u007f", "\\x9B\\x7F")]
    [DataRow("a\u202eb\u00a0\u200b", "a\\u{202E}b\\xA0\\u{200B}")]
    [DataRow("\u0301", "◌\u0301")]
    [DataRow("世界", "世界")]
    [DataRow("a\uFFFE\uFFFF", "a\\u{FFFE}\\u{FFFF}")]
    [DataRow("\U0001FFFE", "\\u{1FFFE}")]
    [DataRow("\uE000", "\uE000")]
    public void Visible_Text_ShowsSpacesAndSpellsOutControls(string text, string expected) => Assert.AreEqual(expected, VisibleText.Of(text));

    [TestMethod]
    [DataRow("two\nlines\tand 👩‍🚀", "two\nlines\tand 👩‍🚀")]
    [DataRow("\u001b]0;title\u0007", "\\x1B]0;title\\x07")]
    [DataRow("a\rb\u2066", "a\\x0Db\\u{2066}")]
    public void ForTerminal_Text_KeepsLinesAndSpellsOutControls(string text, string expected) => Assert.AreEqual(expected, VisibleText.ForTerminal(text));

    [TestMethod]
    [DataRow("abc", 5, false, "abc  ")]
    [DataRow("abc", 5, true, "  abc")]
    [DataRow("abcdef", 4, false, "abc…")]
    [DataRow("世界世界", 6, false, "世界… ")]
    [DataRow("世", 1, false, "…")]
    public void Fit_Text_TakesExactlyTheColumns(string text, int width, bool right, string expected)
    {
        Assert.AreEqual(expected, CellText.Fit(text, width, right));
        Assert.AreEqual(width, CellText.Width(expected));
    }

    [TestMethod]
    public void Grid_WideCharacters_StayAligned()
    {
        var grid = new TextGrid([["pos", "0", "1"], ["L1", "世界", "ab"], ["L0", "x", "世"]], 14);
        string[] lines = [.. grid.Lines(2, 80).Select(line => string.Join(' ', line.Select(cell => cell.Text)))];
        Assert.AreSequenceEqual(["pos 0    1 ", "L1  世界 ab", "L0  x    世"], lines);
        Assert.AreEqual(2, grid.LastThatFit(11));
        Assert.AreEqual(1, grid.LastThatFit(10));
        Assert.AreEqual(1, grid.LastThatFit(1));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(8)]
    public void Grid_TerminalTooNarrowForOneColumn_CutsIt(int width)
    {
        var grid = new TextGrid([["position", "0"], ["L10", "·something"]], 14);
        foreach (string line in grid.Lines(1, width).Select(line => string.Join(' ', line.Select(cell => cell.Text))))
        {
            Assert.IsLessThanOrEqualTo(Math.Max(width, 3), CellText.Width(line), line);
        }
    }

    [TestMethod]
    public void Colours_RisingProbability_AreAllDifferentAndReadable()
    {
        var seen = new HashSet<string>();
        for (int i = 0; i <= 10; i++)
        {
            Spectre.Console.Style style = ProbabilityColours.Of(i / 10f);
            Assert.IsTrue(seen.Add(style.Background.ToHex()));
            Assert.AreNotEqual(style.Foreground.ToHex(), style.Background.ToHex());
        }

        Assert.AreEqual(Spectre.Console.Style.Plain, ProbabilityColours.Of(float.NaN));
        Assert.AreEqual(ProbabilityColours.Of(1), ProbabilityColours.Of(1.00001f));
    }

    [TestMethod]
    [DataRow(0L, "0 B")]
    [DataRow(1023L, "1023 B")]
    [DataRow(1536L, "1.5 KiB")]
    [DataRow(5L << 30, "5 GiB")]
    public void ByteSize_Bytes_HaveTheirUnit(long bytes, string expected) => Assert.AreEqual(expected, ByteSize.Of(bytes));

    [TestMethod]
    public void Stream_TokenWithEscape_DoesNotReachTheTerminalRaw()
    {
        Assert.AreEqual("a\\x1B[31m b\n", Stream(terminal: true));
        Assert.AreEqual("a\u001b[31m b\n", Stream(terminal: false));
    }

    private static string Stream(bool terminal)
    {
        using var console = new Spectre.Console.Testing.TestConsole();
        console.Profile.Out.Writer.NewLine = "\n";
        var host = new CliHost { Console = console, Error = TextWriter.Null, OutputIsTerminal = terminal, ErrorIsTerminal = false, CacheFolder = "" };
        using var progress = new ProgressLine(host, quiet: true);
        using var printer = new GenerationPrinter(host, hasText: true, silent: false, progress);
        printer.Print(new GeneratedPiece(1, "a\u001b[31m"));
        printer.Print(new GeneratedPiece(2, ""));
        printer.Print(new GeneratedPiece(null, " b"));
        printer.End();
        return console.Output;
    }
}
