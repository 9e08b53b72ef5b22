using OnnxLens.Bench.Measuring;
using OnnxLens.Generation;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Greedy generation with the KV cache, in phases; others add a lens to it. Owns its run, borrows the model.</summary>
/// <remarks>Steps are sought by running made-up tokens: a step costs the same whatever its tokens say.</remarks>
internal class TrajectoryJob : IPhasedJob
{
    private readonly LensModel _model;
    private readonly HookSpec _hooks;
    private readonly Sampler _sampler;
    private readonly int[] _token = new int[1];
    private ModelRun? _run;

    public TrajectoryJob(LensModel model, HookSpec hooks, int[] prompt, int tokens)
    {
        _model = model;
        _hooks = hooks;
        Prompt = prompt;
        TokenCount = tokens;
        _sampler = new Sampler(new GenerationOptions(), model.Facts.VocabularySize);
    }

    /// <summary>The prompt.</summary>
    protected int[] Prompt { get; }

    /// <summary>Tokens to choose, T.</summary>
    protected int TokenCount { get; }

    /// <summary>Positions that are run in all: the last token chosen is not.</summary>
    protected int Positions => Prompt.Length + TokenCount - 1;

    /// <summary>The run; there is none before the first step.</summary>
    protected ModelRun Run => _run ?? throw new InvalidOperationException("The prompt comes first.");

    /// <summary>Positions run so far.</summary>
    protected int Length => _run?.Tokens().Count ?? 0;

    /// <inheritdoc/>
    public virtual int StepsOf(Phase phase) => phase switch
    {
        Phase.Prompt => 1,
        Phase.Tokens => TokenCount - 1,
        _ => 0,
    };

    /// <inheritdoc/>
    public virtual void Seek(Phase phase, int step)
    {
        switch (phase)
        {
            case Phase.Prompt:
                _run?.Dispose();
                _run = null;
                break;
            case Phase.PromptRows:
                Reach(Prompt.Length, exactly: false);
                break;
            case Phase.Tokens:
                Reach(Prompt.Length + step, exactly: true);
                break;
            case Phase.Lens:
                Reach(Positions, exactly: false);
                break;
        }
    }

    /// <inheritdoc/>
    public virtual void Step(Phase phase, int step)
    {
        if (phase == Phase.Prompt)
        {
            Begin(Prompt);
            _token[0] = Choose();
            return;
        }

        Run.Step(_token);
        _token[0] = Choose();
    }

    /// <inheritdoc/>
    public void Dispose() => _run?.Dispose();

    /// <summary>The token that follows the last position run.</summary>
    protected virtual int Choose() => _sampler.Next(Run.Logits());

    /// <summary>A new run over some tokens.</summary>
    protected void Begin(ReadOnlySpan<int> tokens)
    {
        _run?.Dispose();
        _run = _model.Begin(_hooks, Capacity(tokens.Length));
        _run.Prefill(tokens);
    }

    /// <summary>The longest sequence that a run begun with so many tokens has room for.</summary>
    protected virtual int Capacity(int first) => Positions;

    /// <summary>Brings the run to so many positions, the last of them by a step of its own: the first step after a prompt binds other shapes.</summary>
    private void Reach(int length, bool exactly)
    {
        if (Length == length || (Length > length && !exactly))
        {
            return;
        }

        int[] tokens = TokenIds.Spread(length, _model.Facts.VocabularySize);
        int before = Math.Max(1, length - 1);
        if (Length >= before)
        {
            Run.Rewind(before);
        }
        else
        {
            Begin(tokens.AsSpan(0, before));
        }

        if (before < length)
        {
            _token[0] = tokens[before];
            Run.Step(_token);
        }
    }
}
