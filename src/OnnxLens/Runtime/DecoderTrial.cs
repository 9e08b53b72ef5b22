using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxLens.Bundles;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// Runs the graphs of a decoder that is no bundle: two tokens at once, and the same two one by one over the cache. The logits must be numbers, and agree.
/// </summary>
/// <remarks>
/// Every graph is loaded whole, without optimisation, over weights that stay in their mapped files. It is then run in pieces, one block after another,
/// so that no more than one piece's weights are in memory, whatever the size of the model.
/// </remarks>
public static class DecoderTrial
{
    private const float Agreement = 0.05f;

    /// <summary>Runs it on the CPU.</summary>
    /// <param name="folder">The folder of the graphs and their weights.</param>
    /// <param name="files">The graphs in the order they run. A graph may read what an earlier one gives, by name.</param>
    /// <param name="ports">Names of what is fed and fetched.</param>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    /// <exception cref="InferenceException">A graph does not load or run, or its logits are not numbers, or are others over the cache than at once.</exception>
    public static void Run(string folder, IReadOnlyList<string> files, DecoderPorts ports, ModelFacts facts, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(facts);
        _ = RuntimeEnvironment.Instance;
        string real = WeightPaths.RealPath(folder);
        bool second = facts.MaxLength > 1;
        using var together = new Pass(ports, facts, first: 0, count: second ? 2 : 1, after: null);
        using var one = new Pass(ports, facts, first: 0, count: 1, after: null);
        using Pass? two = second ? new Pass(ports, facts, first: 1, count: 1, after: one) : null;
        foreach (string file in files)
        {
            try
            {
                using SessionOptions options = Options(real);
                new InferenceSession(Path.Combine(real, file), options).Dispose();
                foreach (byte[] piece in GraphPieces.Of(OnnxModelFile.Read(Path.Combine(real, file)), ports.Cuts))
                {
                    using var session = new InferenceSession(piece, options);
                    foreach (Pass pass in new[] { together, one, two }.OfType<Pass>())
                    {
                        cancellation.ThrowIfCancellationRequested();
                        pass.Run(session);
                    }
                }
            }
            catch (OnnxRuntimeException exception)
            {
                throw new InferenceException($"ONNX Runtime cannot load or run '{file}', which was just written: {exception.Message}", file, null, exception);
            }
        }

        Compare(together.LastLogits(), (two ?? one).LastLogits(), files[^1], ports.Logits);
    }

    private static SessionOptions Options(string folder)
    {
        var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            EnableCpuMemArena = false, // An output would keep the whole arena of its piece.
        };
        options.AddSessionConfigEntry(SessionConfig.ExternalDataFolder, folder);
        options.AddSessionConfigEntry(SessionConfig.DisablePrepacking, "1");
        return options;
    }

    private static void Compare(ReadOnlySpan<float> together, ReadOnlySpan<float> apart, string file, string port)
    {
        float largest = 0;
        float scale = 1;
        for (int i = 0; i < together.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(together[i] - apart[i]));
            scale = Math.Max(scale, Math.Abs(together[i]));
        }

        if (!float.IsFinite(scale) || !(largest <= Agreement * scale))
        {
            throw new InferenceException(
                $"The trial of '{file}' gives logits of up to {scale}, and others by {largest} for a token over the cache than at once. The graphs are wrong; please report the checkpoint's config.", file, port);
        }
    }

    /// <summary>A few tokens through every graph. Owns the values it was given and gave.</summary>
    private sealed class Pass : IDisposable
    {
        private readonly DecoderPorts _ports;
        private readonly Pass? _after;
        private readonly ModelFacts _facts;
        private readonly Dictionary<string, OrtValue> _values = new(StringComparer.Ordinal);

        public Pass(DecoderPorts ports, ModelFacts facts, int first, int count, Pass? after)
        {
            _ports = ports;
            _after = after;
            _facts = facts;
            long[] positions = [.. Enumerable.Range(first, count).Select(position => (long)position)];
            Add(ports.InputIds, [.. positions.Select(position => position % facts.VocabularySize)]);
            Add(ports.AttentionMask, [.. Enumerable.Repeat(1L, first + count)]);
            if (ports.PositionIds is { } name) Add(name, positions);
        }

        public void Run(InferenceSession session)
        {
            var inputs = session.InputMetadata.ToDictionary(input => input.Key, input => Find(input.Key, input.Value.ElementDataType), StringComparer.Ordinal);
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            string[] names = [.. session.OutputNames];
            IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, inputs, names);
            for (int i = 0; i < names.Length; i++) _values.Add(names[i], outputs[i]);
        }

        public float[] LastLogits()
        {
            ReadOnlySpan<float> logits = _values[_ports.Logits].GetTensorDataAsSpan<float>();
            return logits[^_facts.VocabularySize..].ToArray();
        }

        public void Dispose()
        {
            foreach (OrtValue value in _values.Values) value.Dispose();
        }

        private OrtValue Find(string name, TensorElementType type)
        {
            if (_ports.Cache.FirstOrDefault(layer => layer.PastKey == name || layer.PastValue == name) is not { } layer) return _values[name];
            if (_after is not null) return _after._values[layer.PastKey == name ? layer.PresentKey : layer.PresentValue];

            // No past yet: the cache's length is 0.
            OrtValue empty = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, [1, _facts.KvHeads, 0, _facts.HeadDim]);
            _values.Add(name, empty);
            return empty;
        }

        private void Add(string name, long[] values) => _values.Add(name, OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]));
    }
}
