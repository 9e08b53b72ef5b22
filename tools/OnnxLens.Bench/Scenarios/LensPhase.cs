using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The lens of every layer and position against nothing but the unembedding's matrix product of the same rows.</summary>
internal sealed class LensPhase : IScenario
{
    private const int RowsPerCall = 128;

    /// <inheritdoc/>
    public string Name => "lens";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        int[] prompt = context.Prompt();
        using LensModel model = context.Open(points);
        using var run = new CapturedRun(model, points, prompt, context.Tokens);
        int[][] pieces = [.. Enumerable.Range(0, run.Length).Chunk(Math.Max(1, RowsPerCall / points.Length))];
        using var matMul = new BareMatMul(context.Bundle(), pieces.Max(piece => piece.Length) * points.Length);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("lens", () => new PieceJob(pieces.Length, i => LensDecoder.Decode(model, run.Run, Request(points, pieces[i])))),
                new Variant("bare", () => new PieceJob(pieces.Length, i => matMul.Run(pieces[i].Length * points.Length))),
            ],
            context.Repeats, context.Cancellation);
        int rows = points.Length * run.Length;
        yield return new Figure(Name, $"bare head matmul, {rows} rows", "rows/s", Spread.Of(seconds[1].Select(time => rows / time)));
        yield return new Figure(Name, $"lens of {rows} rows, top {BenchContext.TopK}, one target", "rows/s", Spread.Of(seconds[0].Select(time => rows / time)));
        yield return new Figure(Name, "lens phase ÷ bare head matmul, time", "", Spread.OfRatios(seconds[0], seconds[1]), Bound.AtMost(1.3));
    }

    private static LensRequest Request(ImmutableArray<HookPoint> points, int[] positions) =>
        new() { Points = points, Positions = [.. positions], TopK = BenchContext.TopK, Targets = [1] };

    /// <summary>A finished generation with its captures. Owns the run.</summary>
    private sealed class CapturedRun : IDisposable
    {
        public CapturedRun(LensModel model, ImmutableArray<HookPoint> points, int[] prompt, int tokens)
        {
            Run = model.Begin(new HookSpec { Capture = points }, prompt.Length + tokens);
            Generation.TextGenerator.Generate(Run, prompt, new Generation.GenerationOptions { MaxNewTokens = tokens });
        }

        public ModelRun Run { get; }

        public int Length => Run.Captures.Length();

        public void Dispose() => Run.Dispose();
    }
}
