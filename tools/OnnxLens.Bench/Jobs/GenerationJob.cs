using OnnxLens.Bench.Measuring;
using OnnxLens.Generation;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Greedy generation with the KV cache: a prefill, then a step for every token. Owns its run, borrows the model.</summary>
internal sealed class GenerationJob : IJob
{
    private readonly LensModel _model;
    private readonly HookSpec _hooks;
    private readonly int[] _prompt;
    private readonly int _tokens;
    private readonly Sampler _sampler;
    private readonly int[] _step = new int[1];
    private ModelRun? _run;

    public GenerationJob(LensModel model, HookSpec hooks, int[] prompt, int tokens)
    {
        _model = model;
        _hooks = hooks;
        _prompt = prompt;
        _tokens = tokens;
        _sampler = new Sampler(new GenerationOptions(), model.Facts.VocabularySize);
    }

    /// <summary>The prefill, a step for every token but the last, and the choice of the last.</summary>
    public int Steps => _tokens + 1;

    /// <summary>The run; there is none before the first step.</summary>
    private ModelRun Run => _run ?? throw new InvalidOperationException("The first step comes first.");

    /// <inheritdoc/>
    public void Step(int index)
    {
        if (index == 0)
        {
            _run = _model.Begin(_hooks, _prompt.Length + _tokens);
            _run.Prefill(_prompt);
            return;
        }

        _step[0] = _sampler.Next(Run.Logits());
        if (index < _tokens)
        {
            Run.Step(_step);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _run?.Dispose();
}
