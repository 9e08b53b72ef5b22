using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>How two runs of the same tokens differ at every hook point and position: activations, and the lens of each. Immutable.</summary>
/// <remarks>
/// The runs may be of two bundles of one model, each read by its own LM head, or of one model twice, e.g. steered and not.
/// Rows are decoded in chunks, so no more than two chunks of logits are ever held, and a copy of each. <see cref="RunComparison"/> compares the
/// output of one model alone, within the head's graph.
/// </remarks>
public sealed class LensComparison
{
    private readonly CellComparison[] _cells;

    private LensComparison(ImmutableArray<HookPoint> points, ImmutableArray<int> positions)
    {
        Points = points;
        Positions = positions;
        _cells = new CellComparison[checked(points.Length * positions.Length)];
    }

    /// <summary>The hook points, axis 0.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>The positions, axis 1, ascending.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>A cell by the index of its point and of its position.</summary>
    public CellComparison this[int point, int position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)point, (uint)Points.Length, nameof(point));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)Positions.Length, nameof(position));
            return _cells[(point * Positions.Length) + position];
        }
    }

    /// <summary>Refuses two models whose activations or distributions cannot be set side by side.</summary>
    /// <exception cref="SelectionException">They differ in layers, hidden size or vocabulary; the message says in which and how.</exception>
    public static void RequireComparable(ModelFacts reference, ModelFacts other)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        (string Name, int Reference, int Other)[] sizes =
            [("layers", reference.Layers, other.Layers), ("a hidden size of", reference.HiddenSize, other.HiddenSize), ("a vocabulary of", reference.VocabularySize, other.VocabularySize)];
        string[] different = [.. sizes.Where(size => size.Reference != size.Other).Select(size => size.Name == "layers" ? $"{size.Reference} and {size.Other} layers" : $"{size.Name} {size.Reference} and {size.Other}")];
        if (different.Length > 0)
        {
            throw new SelectionException($"The two bundles are not of one model: they have {string.Join(", ", different)}. Give two bundles of the same checkpoint.");
        }
    }

    /// <summary>Compares one sequence of two runs.</summary>
    /// <param name="reference">The model whose distribution is the first of the divergence.</param>
    /// <param name="referenceRun">Its run; it must have captured the points.</param>
    /// <param name="other">The other model; may be the same.</param>
    /// <param name="otherRun">Its run, of the same tokens.</param>
    /// <param name="request">Which cells. Targets are not compared: there must be none.</param>
    /// <param name="progress">Told the cells done so far.</param>
    /// <param name="cancellation">Stops between two calls of a head, or within one.</param>
    /// <exception cref="SelectionException">The models or tokens differ, a cell was not captured, or the request is out of range.</exception>
    public static LensComparison Of(
        LensModel reference, ModelRun referenceRun, LensModel other, ModelRun otherRun, LensRequest request, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Targets.Length, 0, nameof(request));
        var sides = new Sides(new Side(reference, referenceRun), new Side(other, otherRun));
        sides.Require(request);
        var result = new LensComparison(request.Points, request.Positions);
        var comparer = new LogitComparer(reference.Facts.VocabularySize, request.TopK);
        int perCall = Math.Min(reference.Head.MaxRows, other.Head.MaxRows);
        for (int first = 0; first < result._cells.Length; first += perCall)
        {
            cancellation.ThrowIfCancellationRequested();
            result.Fill(sides, comparer, first, Math.Min(perCall, result._cells.Length - first), cancellation);
            progress?.Report(Math.Min(first + perCall, result._cells.Length));
        }

        return result;
    }

    private void Fill(Sides sides, LogitComparer comparer, int first, int count, CancellationToken cancellation)
    {
        int vocabulary = sides.Reference.Model.Facts.VocabularySize;
        ReadOnlySpan<float> reference = sides.Reference.Logits(this, first, count, cancellation);
        ReadOnlySpan<float> other = sides.Other.Logits(this, first, count, cancellation);
        Span<float> referenceRow = new float[sides.Reference.Model.Facts.HiddenSize];
        Span<float> otherRow = new float[referenceRow.Length];
        IReadOnlyList<int> tokens = sides.Reference.Run.Tokens();
        for (int i = 0; i < count; i++)
        {
            (HookPoint point, int position) = Place(first + i);
            sides.Reference.Run.Captures.Read(point, 0, position, referenceRow);
            sides.Other.Run.Captures.Read(point, 0, position, otherRow);
            ReadOnlySpan<float> p = reference.Slice(i * vocabulary, vocabulary);
            ReadOnlySpan<float> q = other.Slice(i * vocabulary, vocabulary);
            NonFiniteSide side = (AllFinite(referenceRow) && AllFinite(p) ? NonFiniteSide.None : NonFiniteSide.Reference)
                | (AllFinite(otherRow) && AllFinite(q) ? NonFiniteSide.None : NonFiniteSide.Other);
            _cells[first + i] = side == NonFiniteSide.None
                ? new CellComparison(side, ActivationComparison.Of(referenceRow, otherRow), comparer.Compare(p, q, position + 1 < tokens.Count ? tokens[position + 1] : null))
                : CellComparison.Undefined(side);
        }
    }

    private (HookPoint Point, int Position) Place(int cell) => (Points[cell / Positions.Length], Positions[cell % Positions.Length]);

    private static bool AllFinite(ReadOnlySpan<float> values) => !values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue);

    /// <summary>A model with its run.</summary>
    private sealed record Side(LensModel Model, ModelRun Run)
    {
        private float[] _logits = [];

        /// <summary>The logits of some cells, fp32 [count, V], valid until the next call.</summary>
        public ReadOnlySpan<float> Logits(LensComparison cells, int first, int count, CancellationToken cancellation)
        {
            for (int i = 0; i < count; i++)
            {
                (HookPoint point, int position) = cells.Place(first + i);
                Model.Head.Stage(i, Run.Captures, point, 0, position);
            }

            int size = count * Model.Facts.VocabularySize;
            if (_logits.Length < size)
            {
                _logits = new float[size];
            }

            Model.Head.ReadStagedLogits(count, _logits, cancellation);
            return _logits.AsSpan(0, size);
        }
    }

    private sealed record Sides(Side Reference, Side Other)
    {
        public void Require(LensRequest request)
        {
            ArgumentNullException.ThrowIfNull(Reference.Model);
            ArgumentNullException.ThrowIfNull(Reference.Run);
            ArgumentNullException.ThrowIfNull(Other.Model);
            ArgumentNullException.ThrowIfNull(Other.Run);
            RequireComparable(Reference.Model.Facts, Other.Model.Facts);
            IReadOnlyList<int> tokens = Reference.Run.Tokens();
            if (!tokens.SequenceEqual(Other.Run.Tokens()))
            {
                throw new SelectionException($"Two runs of different tokens cannot be compared: one has {tokens.Count} and the other {Other.Run.Tokens().Count}.");
            }

            request.Validate(Reference.Model.Facts, tokens.Count);
            foreach (HookPoint point in request.Points.Where(point => !Reference.Run.Captures.Holds(point) || !Other.Run.Captures.Holds(point)))
            {
                throw new SelectionException($"The comparison needs hook point '{point}', which one of the runs did not capture.");
            }
        }
    }
}
