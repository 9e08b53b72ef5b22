using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;
using OnnxLens.Eval.Extraction;
using OnnxLens.Generation;
using OnnxLens.Runtime;
using OnnxLens.Steering;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Commands;

/// <summary>The part of the demo that steers: a vector is made of pairs, its slopes are measured beside random vectors, and a prompt is answered with and without it.</summary>
/// <param name="host">The world around.</param>
/// <param name="bundle">The demo's bundle.</param>
/// <param name="output">Where the demo writes, its datasets unpacked.</param>
/// <param name="quiet">True: no progress and no remarks.</param>
internal sealed class DemoSteering(CliHost host, string bundle, string output, bool quiet)
{
    private const string Question = "What do you do in the wild?\n\nChoices:\n (A) gamble\n (B) rest\n\nAnswer: (";
    private const int NewTokens = 5;

    private static readonly HookPoint Point = new(Site.MlpIn, 3);

    private string VectorFile => Path.Combine(output, "bold.safetensors");

    /// <summary>Runs.</summary>
    public int Run(CancellationToken cancellation)
    {
        GridWriter.WriteText(host, "Steering. 200 pairs of answers, bold and careful, make a vector for each of four layers. Each is added, times -1.5 to 1.5, at the last token of 96 other prompts; the slope is how much the bold answer gains per unit.");
        host.Out.WriteLine();
        int code = SweepCommand.Run(host, Sweep(), cancellation);
        if (code == ExitCodes.Done)
        {
            host.Out.WriteLine();
            Generate(cancellation);
        }

        return code;
    }

    private SweepArguments Sweep() => new()
    {
        Folder = bundle,
        Datasets = [new NamedFile("bold-test", DemoFiles.Dataset(output, "bold-test.json"), IsGiven: true)],
        Rows = DatasetArguments.Default,
        Extract = new ExtractionArguments(new NamedFile("bold", DemoFiles.Dataset(output, "bold-train.json"), IsGiven: true), null, null, ExtractionMethod.MeanDifference, [Point.Site], "1-4", Seed: 0),
        VectorFile = VectorFile,
        Output = Path.Combine(output, "sweep"),
        Plots = ["svg"],
        Quiet = quiet,
    };

    /// <summary>The same prompt with the vector, without, and with its opposite.</summary>
    private void Generate(CancellationToken cancellation)
    {
        LensBundle opened = LensBundle.Open(bundle);
        Tokenizer tokenizer = Tokenizer.Load(opened.Folder);
        int[] prompt = tokenizer.Encode(Question);
        ImmutableArray<float> vector = Steering.VectorFile.Read(VectorFile).At(Point.Site).Layers[Point.Layer];
        using LensModel model = LensModel.Open(opened);
        GridWriter.WriteText(host, $"The same prompt, steered at {Point} of its last token: \"What do you do in the wild? (A) gamble (B) rest. Answer: (\"");
        foreach ((string label, float multiplier) in new[] { ("bold × 2", 2f), ("unsteered", 0f), ("bold × -2", -2f) })
        {
            ImmutableArray<SteeringOperation> steer = multiplier == 0 ? [] : [new SteeringOperation(Point, [.. vector.Select(value => value * multiplier)])];
            using ModelRun run = model.Begin(new HookSpec { Steer = steer }, prompt.Length + NewTokens);
            GenerationResult result = TextGenerator.Generate(run, prompt, new GenerationOptions { MaxNewTokens = NewTokens }, tokenizer, null, cancellation);
            cancellation.ThrowIfCancellationRequested();
            run.RequireSteeringApplied();
            GridWriter.WriteText(host, $"  {label,-9}  {VisibleText.ForTerminal(result.Text!.Trim())}");
        }
    }
}
