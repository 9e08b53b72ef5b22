using System.Diagnostics;
using System.Text;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Generation;

/// <summary>The generation loop: prefill, then sample and step, with one KV cache and captures on the way.</summary>
public static class TextGenerator
{
    /// <summary>Generates after a prompt.</summary>
    /// <param name="run">A fresh run of one sequence. Its capacity bounds the length.</param>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="tokenizer">Makes the text; null where the model has none.</param>
    /// <param name="onPiece">Told every token as it is chosen, with the text that it completes.</param>
    /// <param name="cancellation">Ends the generation within a step; what was done is returned.</param>
    /// <exception cref="SelectionException">The prompt or an option is out of range, or stop texts are given without a tokenizer.</exception>
    public static GenerationResult Generate(
        ModelRun run, IReadOnlyList<int> prompt, GenerationOptions options, Tokenizer? tokenizer = null,
        Action<GeneratedPiece>? onPiece = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (tokenizer is null && !options.StopTexts.IsEmpty)
        {
            throw new SelectionException("Stop texts need a tokenizer, and this model has none. Stop at ids instead.");
        }

        var loop = new Loop(run, options, tokenizer, onPiece);
        return loop.Generate([.. prompt], cancellation);
    }

    private sealed class Loop(ModelRun run, GenerationOptions options, Tokenizer? tokenizer, Action<GeneratedPiece>? onPiece)
    {
        private readonly List<int> _generated = new(options.MaxNewTokens < 4096 ? options.MaxNewTokens : 4096);
        private readonly StringBuilder _text = new();
        private StreamingDecoder? _decoder;
        private readonly StopTextFilter _filter = new(options.StopTexts);

        public GenerationResult Generate(int[] prompt, CancellationToken cancellation)
        {
            // After text, a leading space belongs to what is generated; after nothing but BOS, it is the tokenizer's own.
            _decoder = tokenizer?.CreateStreamingDecoder(skipSpecial: true, continues: prompt.Any(id => !tokenizer.IsSpecial(id)));
            var clock = Stopwatch.StartNew();
            TimeSpan prefill = TimeSpan.Zero;
            StopReason reason;
            try
            {
                run.Prefill(prompt, cancellation);
                prefill = clock.Elapsed;
                reason = Decode(prompt, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                reason = StopReason.Cancelled;
            }

            Emit(null, _filter.Stopped ? string.Empty : _filter.Push(_decoder?.Flush() ?? string.Empty) + _filter.Flush());
            return new GenerationResult(
                [.. prompt], [.. _generated], tokenizer is null ? null : _text.ToString(), reason, prefill, clock.Elapsed - prefill);
        }

        private StopReason Decode(int[] prompt, CancellationToken cancellation)
        {
            var sampler = new Sampler(options, run.Logits(0, cancellation).Length);
            foreach (int id in prompt)
            {
                sampler.Observe(id);
            }

            Span<int> step = stackalloc int[1];
            while (true)
            {
                int token = sampler.Next(run.Logits(0, cancellation));
                sampler.Observe(token);
                _generated.Add(token);
                Emit(token, _filter.Push(_decoder?.Push(token) ?? string.Empty));
                if (End(token) is StopReason reason)
                {
                    return reason;
                }

                step[0] = token;
                run.Step(step, cancellation);
            }
        }

        private StopReason? End(int token)
        {
            if (options.StopIds.Contains(token))
            {
                return StopReason.StopId;
            }

            if (_filter.Stopped)
            {
                return StopReason.StopText;
            }

            if (_generated.Count >= options.MaxNewTokens)
            {
                return StopReason.MaxNewTokens;
            }

            return run.Cache.Length() >= run.Cache.Capacity ? StopReason.MaxLength : null;
        }

        private void Emit(int? token, string text)
        {
            _text.Append(text);
            if (token is not null || text.Length > 0)
            {
                onPiece?.Invoke(new GeneratedPiece(token, text));
            }
        }
    }
}
