using OnnxLens.Bench.Measuring;
using OnnxLens.Generation;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Greedy decoding alone: the prompt is run before the first step. Owns its run, borrows the model.</summary>
internal sealed class DecodeJob : IJob
{
    private readonly ModelRun _run;
    private readonly Sampler _sampler;
    private readonly int[] _step = new int[1];

    public DecodeJob(LensModel model, HookSpec hooks, int[] prompt, int tokens)
    {
        Steps = tokens;
        _sampler = new Sampler(new GenerationOptions(), model.Facts.VocabularySize);
        _run = model.Begin(hooks, prompt.Length + tokens);
        _run.Prefill(prompt);
    }

    /// <summary>One for each token: its choice from the logits, and its pass.</summary>
    public int Steps { get; }

    /// <inheritdoc/>
    public bool StepsAreAlike => true;

    /// <inheritdoc/>
    public void Step(int index)
    {
        _step[0] = _sampler.Next(_run.Logits());
        _run.Step(_step);
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();
}
