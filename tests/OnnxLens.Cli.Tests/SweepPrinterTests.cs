using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using Spectre.Console;
using Spectre.Console.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>Tables of sweeps and extractions, on a terminal and elsewhere.</summary>
[TestClass]
public sealed class SweepPrinterTests
{
    private static readonly CurveSummary Row = new()
    {
        Dataset = "Sweet",
        Vector = "sweet",
        Point = new HookPoint(Site.MlpIn, 4),
        Samples = 48,
        MeanSlope = 0.7441,
        CiLow = -0.0564,
        CiHigh = 0.934,
        CurveSlope = 0.7441,
        CurveR2 = 0.9951,
        AntiSteerable = 0.166,
        Monotonic = 0.5,
        ControlSlopeMean = 0.0213,
        ControlSlopeSd = 0.14,
        Kl = 0.000012,
        Multipliers = [0, 1],
        Curve = [0, 1],
    };

    private static readonly ImmutableArray<ExtractionQuality> Qualities =
    [
        new(new HookPoint(Site.ResidPost, 11), 40, 153.2, 0.4123, 0.9871, 0.96, 12, 3.2, 2.51, []),
        new(new HookPoint(Site.MlpIn, 3), 1, 0.00012, 1, null, null, 0, null, null, ["There is one pair only.", "Norm \u001b is small."]),
    ];

    [TestMethod]
    public void Sweep_Plain_GivesAlignedColumnsSortedByLayerAndSite()
    {
        string text = Sweep(null, ["Fine.", "Use mlp_in.4."], Row with { Point = new HookPoint(Site.ResidPost, 12), MeanSlope = -1.5 }, Row with { Point = new HookPoint(Site.ResidPost, 4), Kl = null }, Row);

        Assert.AreEqual(
            """
            dataset: Sweet
            vector: sweet
            point          slope   CI low  CI high     R²  anti %  random  ± sd  KL at 1
            mlp_in.4       0.744  -0.0564    0.934  0.995      17  0.0213  0.14  1.2E-05
            resid_post.4   0.744  -0.0564    0.934  0.995      17  0.0213  0.14        -
            resid_post.12   -1.5  -0.0564    0.934  0.995      17  0.0213  0.14  1.2E-05

            Fine.
            Use mlp_in.4.

            """,
            text);
    }

    [TestMethod]
    public void Sweep_NotMeasured_HasNoColumn()
    {
        string text = Sweep(null, [], Row with { Kl = null, ControlSlopeMean = null, ControlSlopeSd = null, CiLow = null, CiHigh = null, CurveR2 = null });

        Assert.Contains("point     slope  anti %\nmlp_in.4  0.744      17\n", text);
    }

    [TestMethod]
    public void Sweep_SeveralDatasetsAndVectors_AreColumns()
    {
        string text = Sweep(null, [], Row with { Vector = "other" }, Row, Row with { Dataset = "Bold" });

        string[] lines = text.Split('\n');
        Assert.StartsWith("point     dataset  vector  slope", lines[0]);
        Assert.StartsWith("mlp_in.4  Bold     sweet   0.744", lines[1]);
        Assert.StartsWith("mlp_in.4  Sweet    other   0.744", lines[2]);
        Assert.StartsWith("mlp_in.4  Sweet    sweet   0.744", lines[3]);
    }

    [TestMethod]
    public void Sweep_Terminal_FitsEightyColumns()
    {
        string one = Sweep(80, ["A verdict of many words that is longer than the terminal is wide, and so is broken between two words."], Row);
        Assert.DoesNotContain("Left out", one);
        string many = Sweep(80, [], Row, Row with { Dataset = "a dataset with a long name", Vector = "and a vector with one" });

        Assert.Contains("Left out, as the terminal is too narrow: R², KL at 1. Widen", many);
        Assert.Contains("a dataset wit… and a vector …", many);
        foreach (string line in (one + many).Split('\n'))
            Assert.IsLessThanOrEqualTo(80, CellText.Width(line), line);
    }

    [TestMethod]
    [DataRow(60, "slope CI low CI high anti % random ± sd KL at 1", "R²")]
    [DataRow(50, "slope CI low CI high anti % random ± sd", "R² KL at 1")]
    [DataRow(45, "slope anti % random ± sd", "R² KL at 1 CI low CI high")]
    [DataRow(40, "slope anti % random ± sd", "R² KL at 1 CI low CI high")]
    [DataRow(20, "slope", "R² KL at 1 CI low CI high random ± sd anti %")]
    public void Sweep_NarrowTerminal_DropsTheLeastImportant(int width, string kept, string left)
    {
        string[] lines = Sweep(width, [], Row).Split('\n');

        Assert.AreEqual($"point {kept}", Words(lines[2]));
        Assert.StartsWith($"Left out as the terminal is too narrow: {left}. Widen", Words(string.Join(' ', lines[4..]).Replace(",", "")));
    }

    [TestMethod]
    public void Sweep_TerminalTooNarrowForAnything_Ends() => Assert.IsNotEmpty(Sweep(1, [], Row));

    [TestMethod]
    public void Sweep_HostileNamesAndVerdicts_CannotActOnATerminal()
    {
        string text = Sweep(80, ["verdict \u001b[31m"], Row with { Dataset = "a\u001b[31m\nb\tc" }, Row);

        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\t', text);
        Assert.Contains("mlp_in.4 a\\x1B[31m b c", text);
    }

    [TestMethod]
    public void Sweep_NothingSwept_PrintsTheVerdict() => Assert.AreEqual("Nothing.\n", Sweep(null, ["Nothing."]));

    [TestMethod]
    public void Sweep_OtherCulture_PrintsTheSame()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string expected = Sweep(null, [], Row);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.AreEqual(expected, Sweep(null, [], Row));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void Extraction_Plain_GivesTheTableThenTheWarnings() => Assert.AreEqual(
        """
        point          pairs     norm  agreement  held out    AUC  accuracy %  letter norm  sv ratio
        mlp_in.3           1  0.00012          1         0      -           -            -         -
        resid_post.11     40      153      0.412        12  0.987          96          3.2      2.51
        mlp_in.3: There is one pair only.
        mlp_in.3: Norm \x1B is small.

        """.Replace("\\x1B", "\u001b", StringComparison.Ordinal),
        Printed(null, host => new ExtractionPrinter(host, Qualities).Print()));

    [TestMethod]
    public void Extraction_Terminal_FitsEightyColumns()
    {
        string text = Printed(80, host => new ExtractionPrinter(host, Qualities).Print());

        Assert.Contains("Left out, as the terminal is too narrow: sv ratio.", text);
        Assert.Contains("Norm \\x1B is small.", text);
        foreach (string line in text.Split('\n'))
            Assert.IsLessThanOrEqualTo(80, CellText.Width(line), line);
    }

    private static string Sweep(int? width, string[] verdicts, params CurveSummary[] rows)
    {
        var report = new SweepReport
        {
            Provenance = new SweepProvenance
            {
                Tool = "",
                BundleHash = "",
                Precision = "",
                Devices = [],
                Datasets = ImmutableSortedDictionary<string, string>.Empty,
                Skipped = ImmutableSortedDictionary<string, int>.Empty,
                Vectors = ImmutableSortedDictionary<string, string>.Empty,
                Split = "",
                PromptForm = "",
                Multipliers = [],
                Controls = 0,
                Seed = 0,
                Resamples = 0,
                AdditionsAsked = 0,
                AdditionsMade = 0,
            },
            Cells = [],
            Slopes = [],
            Summaries = [.. rows],
            IntervalLevel = 0.95,
        };
        return Printed(width, host => new SweepPrinter(host, report, verdicts).Print());
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Printed(int? width, Action<CliHost> print)
    {
        using TestConsole console = new TestConsole().Width(width ?? 80).Colors(ColorSystem.NoColors);
        console.Profile.Out.Writer.NewLine = "\n";
        print(new CliHost { Console = console, Error = TextWriter.Null, OutputIsTerminal = width is not null, ErrorIsTerminal = false, CacheFolder = "" });
        return console.Output;
    }
}
