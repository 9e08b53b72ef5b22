using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>The lens of many inputs: those of like length run together, several such micro-batches at once, and results come in the order of the inputs.</summary>
/// <remarks>
/// Results are, bit for bit, those of each input by itself. Inputs are read as they are needed, so that a long enumeration is never held
/// whole; <see cref="LensBatchOptions"/> bounds what is. Meanwhile the model must not be run otherwise.
/// </remarks>
public static class LensBatch
{
    private const int ResultShare = 4;
    private const int PartsOfAThread = 4;

    /// <summary>Runs inputs. Nothing runs before the first result is asked for; leaving the enumeration stops what runs.</summary>
    /// <param name="model">The model. It must have been opened for the hook points of the requests, and not for branches.</param>
    /// <param name="inputs">The inputs. Read on the thread that asks for results.</param>
    /// <param name="options">How many run together.</param>
    /// <param name="cancellation">Stops within a micro-batch.</param>
    /// <returns>One result for each input, in their order, as soon as those before it are there.</returns>
    /// <exception cref="SelectionException">An input does not fit the model, or was not steered as asked. Results of those before it come first where it does not fit.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused a micro-batch.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<LensBatchResult> Run(
        LensModel model, IEnumerable<LensInput> inputs, LensBatchOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= new LensBatchOptions();
        options.Validate();
        return model.Branching == Branching.None
            ? Enumerate(model, inputs, options, cancellation)
            : throw new InvalidOperationException("A model that was opened for branches runs one sequence at a time. Open it without for a batch.");
    }

    /// <summary>How many micro-batches are worked on at once.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="cores">Cores of the machine.</param>
    internal static int InFlight(LensBatchOptions options, LensModel model, int cores)
    {
        if (options.InFlight > 0)
        {
            return options.InFlight;
        }

        int stages = Math.Min(model.Placement.Shards.Length + 1, LensBatchOptions.MostInFlight);
        if (model.Placement.Shards.Append(model.Placement.Head).Any(device => device.Kind != DeviceKind.Cpu))
        {
            return stages;
        }

        // Sessions that have more threads than there are cores wait for one another.
        return Math.Clamp(model.Options.Threads == 0 ? 1 : cores / model.Options.Threads, 1, stages);
    }

    private static IEnumerable<LensBatchResult> Enumerate(LensModel model, IEnumerable<LensInput> inputs, LensBatchOptions options, CancellationToken cancellation)
    {
        int inFlight = InFlight(options, model, Environment.ProcessorCount);
        int parts = inFlight == 1 ? 1 : inFlight * PartsOfAThread;
        var plan = new MicroBatchPlan(
            (int)Math.Clamp(options.MemoryBytes / inFlight / BytesPerPosition(model), 1, options.MicroBatchTokens), model.Options.ChunkLength, model.RowsRunTogether);
        using var reader = new LensInputReader(model, inputs, options.LookAheadTokens, Math.Max(1, options.MemoryBytes / ResultShare));
        using var crew = new MicroBatchCrew(model, inFlight, plan.Tokens, cancellation);
        for (int next = 0; ; next++)
        {
            LensBatchResult? result = null;
            while (result is null && (next < reader.Count || reader.CanRead))
            {
                result = next < reader.Count ? crew.Take(next, reader.CanRead) : null;
                if (result is null)
                {
                    cancellation.ThrowIfCancellationRequested();
                    crew.Add(plan.Of(reader.Read(), parts));
                }
            }

            if (result is null)
            {
                reader.Failure?.Throw();
                yield break;
            }

            reader.Release(result.Input);
            yield return result;
        }
    }

    /// <summary>Bytes of captures and cache that a position takes, at most.</summary>
    private static long BytesPerPosition(LensModel model)
    {
        BundleManifest manifest = model.Bundle.Manifest;
        ModelFacts facts = manifest.Model;
        long captured = (long)model.Options.Capture.Select(CaptureBuffer.Stored).Distinct().Count() * facts.HiddenSize;
        int copies = manifest.Cache.Kind switch { CacheKind.None => 0, CacheKind.Growing => 2, _ => 1 };
        return sizeof(float) * (captured + (2L * copies * facts.Layers * facts.KvHeads * facts.HeadDim));
    }
}
