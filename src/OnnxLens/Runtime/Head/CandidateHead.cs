using System.Collections.Concurrent;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Head;

/// <summary>
/// Logits of an unembedding in 8 bits, of which the largest of each row, and those of its targets, are computed again in fp32 from the
/// weights as they are stored. On the CPU. Owns session and memory. One call at a time.
/// </summary>
/// <remarks>
/// The largest of a row say how far its logits are off. Whatever could be among the top k by twice the worst of that is computed
/// again too: layers where many tokens are all but equal, as tokens that were never trained are, need hundreds of them.
/// </remarks>
internal sealed class CandidateHead : IDisposable
{
    /// <summary>How it finds candidates, as provenance says it.</summary>
    public const string Form = "int8";

    /// <summary>Candidates of a row for each top token wanted.</summary>
    private const int PerTopToken = 4;

    private const int LeastCandidates = 32;

    /// <summary>Candidates of a row at most.</summary>
    private const int MostCandidates = 1024;

    private readonly Unembedding _unembedding;
    private readonly GuardedSession _session;
    private readonly OrtIoBinding _binding;
    private readonly float[] _tokenScales;
    private readonly int _threads;
    private readonly DeviceBuffer _normed;
    private readonly DeviceBuffer _rowScales;
    private readonly DeviceBuffer _scores;
    private readonly ConcurrentBag<Scratch> _scratch = [];

    private CandidateHead(SessionFactory factory, Unembedding unembedding, string file, int maxRows)
    {
        _unembedding = unembedding;
        _threads = factory.Threads;
        var quantized = QuantizedUnembedding.Of(unembedding, _threads, QuantizedUnembedding.BestZeroPoint);
        _tokenScales = quantized.Scales;
        _session = factory.Create(
            file, Device.Cpu, [unembedding.Normed, CandidateGraph.Scales, CandidateGraph.Scores],
            edit: model => CandidateGraph.AddTo(model.Graph, unembedding.Normed, quantized.Weights, quantized.ZeroPoint, unembedding.Rows), pack: true);
        _binding = _session.CreateBinding();
        _normed = new DeviceBuffer(Device.Cpu, ElementType.Float, (long)maxRows * unembedding.Columns);
        _rowScales = new DeviceBuffer(Device.Cpu, ElementType.Float, maxRows);
        _scores = new DeviceBuffer(Device.Cpu, ElementType.Int32, (long)maxRows * unembedding.Rows);
    }

    /// <summary>Makes it of the unembedding of a bundle.</summary>
    /// <exception cref="BundleException">The bundle's head has no unembedding to make it of.</exception>
    /// <exception cref="InferenceException">The unembedding is too large.</exception>
    public static CandidateHead Open(SessionFactory factory, LensBundle bundle, int maxRows)
    {
        var unembedding = Unembedding.Open(bundle);
        try
        {
            return new CandidateHead(factory, unembedding, bundle.Manifest.Head.File, maxRows);
        }
        catch
        {
            unembedding.Dispose();
            throw;
        }
    }

    /// <summary>Logits of rows, fp32 [N,V] in memory that is valid until the next call.</summary>
    /// <param name="hidden">Rows before the norm, fp32 [≥N,H].</param>
    /// <param name="rows">Rows, N.</param>
    /// <param name="readouts">Says how many top tokens are wanted, and which targets.</param>
    /// <param name="cancellation">Stops within the call.</param>
    public DeviceBuffer Logits(DeviceBuffer hidden, int rows, HeadReadouts readouts, CancellationToken cancellation)
    {
        (int vocabulary, int width) = (_unembedding.Rows, _unembedding.Columns);
        using OrtValue input = hidden.Slice(0, rows, width);
        using OrtValue normed = _normed.Slice(0, rows, width);
        using OrtValue scales = _rowScales.Slice(0, rows, 1);
        using OrtValue scores = _scores.Slice(0, rows, vocabulary);
        _binding.BindInput(HeadPorts.Hidden, input);
        _binding.BindOutput(_unembedding.Normed, normed);
        _binding.BindOutput(CandidateGraph.Scales, scales);
        _binding.BindOutput(CandidateGraph.Scores, scores);
        _session.Run(_binding, cancellation);
        int candidates = Math.Min(vocabulary, Math.Max(LeastCandidates, PerTopToken * readouts.TopK));
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation };
        Parallel.For(0, rows, options, () => Take(candidates), (row, _, scratch) =>
        {
            Finish(row, scratch, readouts);
            return scratch;
        }, _scratch.Add);
        return _scores;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        _unembedding.Dispose();
        _normed.Dispose();
        _rowScales.Dispose();
        _scores.Dispose();
    }

    private Scratch Take(int candidates) =>
        _scratch.TryTake(out Scratch? scratch) && scratch.Top.Count == candidates ? scratch : new Scratch(new TopTokens(candidates), new float[candidates], new float[candidates], new float[_unembedding.Columns]);

    /// <summary>Scores become logits where they lie; then those that matter are computed exactly.</summary>
    private void Finish(int row, Scratch scratch, HeadReadouts readouts)
    {
        Span<int> scores = _scores.Span<int>((long)row * _unembedding.Rows, _unembedding.Rows);
        Span<float> logits = MemoryMarshal.Cast<int, float>(scores);
        Scale(scores, _rowScales.Span<float>(row, 1)[0], logits);
        scratch.Top.Read(logits);
        ReadOnlySpan<int> candidates = scratch.Top.Ids;
        ReadOnlySpan<float> normed = _normed.Span<float>((long)row * _unembedding.Columns, _unembedding.Columns);
        for (int i = 0; i < candidates.Length; i++)
        {
            scratch.Exact[i] = Exact(candidates[i], normed, scratch.Weights);
            logits[candidates[i]] = float.NegativeInfinity; // Not to be found once more.
        }

        ComputeAbove(Bound(scratch, readouts.TopK), logits, normed, scratch.Weights, MostCandidates - candidates.Length);
        for (int i = 0; i < candidates.Length; i++)
        {
            logits[candidates[i]] = scratch.Exact[i];
        }

        foreach (long id in readouts.Targets.Slice(row * readouts.TargetCount, readouts.TargetCount))
        {
            logits[(int)id] = Exact((int)id, normed, scratch.Weights);
        }
    }

    /// <summary>The least logit in 8 bits of a token that could be among the top k.</summary>
    private static float Bound(Scratch scratch, int topK)
    {
        float worst = 0;
        for (int i = 0; i < scratch.Exact.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(scratch.Exact[i] - scratch.Top.Logits[i]));
        }

        scratch.Exact.CopyTo(scratch.Sorted, 0);
        Array.Sort(scratch.Sorted);
        return scratch.Sorted[^Math.Min(topK, scratch.Sorted.Length)] - (2 * worst);
    }

    /// <summary>Computes every logit above a bound again, as many as are left to be.</summary>
    private void ComputeAbove(float bound, Span<float> logits, ReadOnlySpan<float> normed, Span<float> weights, int left)
    {
        var bounds = new Vector<float>(bound);
        for (int start = 0; start < logits.Length && left > 0; start += Vector<float>.Count)
        {
            int length = Math.Min(Vector<float>.Count, logits.Length - start);
            if (length == Vector<float>.Count && !Vector.GreaterThanAny(new Vector<float>(logits[start..]), bounds))
            {
                continue;
            }

            for (int id = start; id < start + length; id++)
            {
                if (logits[id] > bound && left-- > 0)
                {
                    logits[id] = Exact(id, normed, weights);
                }
            }
        }
    }

    private float Exact(int id, ReadOnlySpan<float> normed, Span<float> weights)
    {
        _unembedding.Read(id, weights);
        return TensorPrimitives.Dot(normed, weights);
    }

    /// <summary>In place: both spans are the same memory.</summary>
    private void Scale(ReadOnlySpan<int> scores, float rowScale, Span<float> logits)
    {
        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<int, Vector<int>>(scores);
        ReadOnlySpan<Vector<float>> tokenScales = MemoryMarshal.Cast<float, Vector<float>>(_tokenScales);
        Span<Vector<float>> target = MemoryMarshal.Cast<float, Vector<float>>(logits);
        for (int i = 0; i < vectors.Length; i++)
        {
            target[i] = Vector.ConvertToSingle(vectors[i]) * (tokenScales[i] * rowScale);
        }

        for (int i = vectors.Length * Vector<int>.Count; i < scores.Length; i++)
        {
            logits[i] = scores[i] * (_tokenScales[i] * rowScale);
        }
    }

    private sealed record Scratch(TopTokens Top, float[] Exact, float[] Sorted, float[] Weights);
}
