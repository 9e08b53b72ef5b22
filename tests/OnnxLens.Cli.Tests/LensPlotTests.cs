namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens lens --plot</c>: which pictures there are.</summary>
[TestClass]
public sealed class LensPlotTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Lens_PlotOfAllPositions_IsOfTheLastOfThePrompt()
    {
        CliOutcome outcome = Lens("--generate", "2", "--target", " Germany", "--plot", "svg", "--plot", "png", "--plot", "svg").Expect(ExitCodes.Done);

        Assert.AreSequenceEqual(["trajectory-resid_post-5.png", "trajectory-resid_post-5.svg"], Pictures());
        Assert.Contains($"wrote {_runner["out/trajectory-resid_post-5.svg"]}\n", outcome.Error);
        string svg = File.ReadAllText(_runner["out/trajectory-resid_post-5.svg"]);
        Assert.Contains("\t·Germany (target)\n", svg);
        Assert.Contains("\t“Anna·comes·from·the·country·of”\n", svg);
    }

    [TestMethod]
    public void Lens_PlotOfChosenPositionsAndSites_IsOneOfEach()
    {
        Lens("--positions", "0,3", "--sites", "mlp_out,resid_post", "--plot", "svg").Expect(ExitCodes.Done);

        Assert.AreSequenceEqual(["trajectory-mlp_out-0.svg", "trajectory-mlp_out-3.svg", "trajectory-resid_post-0.svg", "trajectory-resid_post-3.svg"], Pictures());
    }

    [TestMethod]
    public void Lens_PlotOfGeneratedPositionsAlone_IsOfTheLastOfThese()
    {
        Lens("--generate", "12", "--ignore-eos", "--positions", "generated", "--plot", "svg").Expect(ExitCodes.Done);

        Assert.AreSequenceEqual(["trajectory-resid_post-16.svg"], Pictures());
    }

    [TestMethod]
    public void Lens_WithoutPlot_RemovesThePicturesOfBeforeAndNothingElse()
    {
        Lens("--plot", "svg").Expect(ExitCodes.Done);
        File.WriteAllText(_runner["out/trajectory-mine.svg"], "x");

        Lens().Expect(ExitCodes.Done);

        Assert.AreSequenceEqual(["trajectory-mine.svg"], Pictures());
    }

    [TestMethod]
    [DataRow("--plot pdf --csv OUT", "'pdf' after --plot is no form of a picture")]
    [DataRow("--plot svg", "--plot draws into the folder of --csv. Give --csv DIR too.")]
    [DataRow("--plot svg --parquet OUT", "Give --csv DIR too")]
    public void Lens_PlotThatCannotBe_IsRefused(string options, string expected)
    {
        CliOutcome outcome = _runner.Invoke(["lens", Models.DemoBundle, "--prompt", "Anna", .. options.Replace("OUT", _runner["out"], StringComparison.Ordinal).Split(' ')]).Expect(ExitCodes.Usage);

        Assert.Contains(expected, outcome.Error);
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }

    [TestMethod]
    public void Lens_PlotOfManyPrompts_IsRefused()
    {
        File.WriteAllText(_runner["prompts.txt"], "Anna\n");
        CliOutcome outcome = _runner.Invoke("lens", Models.DemoBundle, "--prompts", _runner["prompts.txt"], "--csv", _runner["out"], "--plot", "svg").Expect(ExitCodes.Usage);

        Assert.Contains("--plot is for one prompt, and --prompts gives many.", outcome.Error);
    }

    private CliOutcome Lens(params string[] options) => _runner.Invoke(["lens", Models.DemoBundle, "--prompt", "Anna comes from the country of", "--csv", _runner["out"], .. options]);

    private string[] Pictures() => [.. Directory.GetFiles(_runner["out"], "trajectory-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
