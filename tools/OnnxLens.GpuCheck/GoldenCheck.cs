using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;

namespace OnnxLens.GpuCheck;

/// <summary>One golden case in one precision: what the device computes against what transformers computed in fp32, and against itself.</summary>
internal sealed class GoldenCheck : IDisposable
{
    private readonly CheckContext _context;
    private readonly string _name;
    private readonly SafetensorsFile _golden;
    private readonly int[] _tokens;
    private readonly LensBundle _whole;
    private readonly LensBundle _halves;
    private readonly double _tolerance;

    public GoldenCheck(CheckContext context, string name, string checkpoint, string golden, Precision precision, double tolerance)
    {
        _context = context;
        _name = name;
        _tolerance = tolerance;
        _golden = SafetensorsFile.Open(golden);
        _tokens = [.. _golden.ReadInt64("tokens").Select(id => (int)id)];
        _whole = context.Export(checkpoint, context.On(1) with { Precision = precision });
        _halves = context.Export(checkpoint, context.On(2) with { Precision = precision });
    }

    private CheckReport Report => _context.Report;

    /// <summary>Runs every check.</summary>
    public void Run()
    {
        ImmutableArray<HookPoint> points = HookSpec.Points(Sites.All, Enumerable.Range(0, _whole.Manifest.Model.Layers));
        using LensModel model = LensModel.Open(_whole, new LensModelOptions { Capture = points });
        using ModelRun run = Prefill(model, new HookSpec { Capture = points });
        CompareSites(model, run, points);
        Lens(model, run);
        Itself(model, run, points);
        Placement.ReportBound(_context, _name, run);
        Placement.Report(_context, _name, _halves, [.. _tokens]);
        Greedy(model);
        new ManyCheck(_context, _name, _whole, _halves, [.. _tokens], _tolerance).Run();
    }

    /// <inheritdoc/>
    public void Dispose() => _golden.Dispose();

    private ModelRun Prefill(LensModel model, HookSpec hooks)
    {
        ModelRun run = model.Begin(hooks, _tokens.Length);
        run.Prefill(_tokens, _context.Cancellation);
        return run;
    }

    private void CompareSites(LensModel model, ModelRun run, ImmutableArray<HookPoint> points)
    {
        double largest = 0;
        string where = "";
        foreach (HookPoint point in points)
        {
            double difference = Numbers.Relative(_golden.ReadSingles(point.ToString()), Numbers.Rows(run, point, model.Facts.HiddenSize));
            (largest, where) = difference > largest ? (difference, point.ToString()) : (largest, where);
        }

        Report.AtMost($"{_name}: every site against transformers, relative", largest, _tolerance, $"largest at {where}");
        float[] logits = _golden.ReadSingles("logits")[^model.Facts.VocabularySize..];
        Report.AtMost($"{_name}: last logits against transformers, relative", Numbers.Relative(logits, run.Logits()), _tolerance);
    }

    private void Lens(LensModel model, ModelRun run)
    {
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest
        {
            Points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, model.Facts.Layers)),
            Positions = [.. Enumerable.Range(0, _tokens.Length)],
            TopK = 10,
        });
        int[] expected = [.. _golden.ReadInt64("lens.topk_ids").Chunk(10).Select(top => (int)top[0])];
        int[] actual = [.. grid.TopIds.Chunk(10).Select(top => top[0])];
        Report.AtMost($"{_name}: cells whose top token differs, share", 1 - Numbers.Agreement(expected, actual), 0.1);
        Report.AtMost($"{_name}: entropy against transformers, relative", Numbers.Relative(_golden.ReadSingles("lens.entropy"), grid.Entropy), 3 * _tolerance);
        Report.Hold($"{_name}: no cell is undefined, KL of the last layer is 0", grid.UndefinedCells == 0 && grid.KlFinalLens[^_tokens.Length..].All(kl => kl == 0));

        float[] logits = run.Logits().ToArray();
        int top = logits.IndexOf(logits.Max());
        Report.Hold($"{_name}: lens of the last layer is the model's own output", grid.TopIdsOf(model.Facts.Layers - 1, _tokens.Length - 1)[0] == top
            && Math.Abs(grid.LogSumExp[^1] + grid.TopLogProbsOf(model.Facts.Layers - 1, _tokens.Length - 1)[0] - logits[top]) < 1e-4 * Math.Abs(logits[top]));
    }

    /// <summary>What must not change a bit, and what may change the last ones.</summary>
    private void Itself(LensModel model, ModelRun run, ImmutableArray<HookPoint> points)
    {
        float[] logits = run.Logits().ToArray();
        using (LensModel bare = LensModel.Open(_whole))
        using (ModelRun plain = Prefill(bare, HookSpec.None))
        {
            Report.Hold($"{_name}: captures change no bit", logits.AsSpan().SequenceEqual(plain.Logits()));
        }

        using (LensModel two = LensModel.Open(_halves, new LensModelOptions { Capture = points }))
        using (ModelRun halves = Prefill(two, new HookSpec { Capture = points }))
        {
            HookPoint? other = points.Cast<HookPoint?>().FirstOrDefault(point => !Numbers.Rows(run, point!.Value, model.Facts.HiddenSize).SequenceEqual(Numbers.Rows(halves, point.Value, model.Facts.HiddenSize)));
            Report.Hold($"{_name}: two shards are one, bit for bit", other is null && logits.AsSpan().SequenceEqual(halves.Logits()), other is null ? "" : $"first at {other}");
        }

        var point = new HookPoint(Site.MlpIn, model.Facts.Layers / 2);
        var operation = new SteeringOperation(point, [.. new float[model.Facts.HiddenSize]]) { Positions = SteeringPositions.All };
        using (ModelRun zero = Prefill(model, new HookSpec { Steer = [operation] }))
        {
            Report.Hold($"{_name}: a vector of zeros changes no bit, and is counted", logits.AsSpan().SequenceEqual(zero.Logits()) && zero.SteeringApplied == _tokens.Length);
        }

        using (ModelRun steered = Prefill(model, new HookSpec { Steer = [operation with { Vector = [.. Enumerable.Repeat(0.5f, model.Facts.HiddenSize)] }] }))
        {
            Report.Hold($"{_name}: a vector changes the logits", !logits.AsSpan().SequenceEqual(steered.Logits()));
        }

        using ModelRun steps = model.Begin(HookSpec.None, _tokens.Length);
        steps.Prefill(_tokens.AsSpan(0, 1));
        for (int i = 1; i < _tokens.Length; i++)
        {
            steps.Step(_tokens.AsSpan(i, 1));
        }

        Report.AtMost($"{_name}: token by token against at once, relative", Numbers.Relative(logits, steps.Logits()), _tolerance);
    }

    private void Greedy(LensModel model)
    {
        int[] expected = [.. _golden.ReadInt64("greedy_ids").Select(id => (int)id)];
        using ModelRun run = model.Begin(HookSpec.None, _tokens.Length + expected.Length);
        GenerationResult result = TextGenerator.Generate(run, _tokens, new GenerationOptions { MaxNewTokens = expected.Length }, cancellation: _context.Cancellation);
        int same = expected.Zip(result.GeneratedIds).TakeWhile(pair => pair.First == pair.Second).Count();
        Report.Figure($"{_name}: greedy tokens before the first that differs from fp32", same, $"of {expected.Length}");
    }
}
