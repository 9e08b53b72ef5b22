using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Bench.Jobs;

/// <summary>The lens of a whole sequence, cut into calls of the LM head: as many positions, with all their layers, as one call takes.</summary>
/// <param name="layers">Layers.</param>
/// <param name="positions">Positions.</param>
internal sealed class LensPieces(int layers, int positions)
{
    /// <summary>Top tokens read in each cell.</summary>
    public const int TopK = 5;

    /// <summary>A token whose log-probability and rank are read in each cell.</summary>
    public const int Target = 1;

    private readonly int _most = Math.Max(1, LmHeadSession.UsefulRows / layers);

    /// <summary>Number of pieces.</summary>
    public int Count => (positions + _most - 1) / _most;

    /// <summary>Rows of the largest piece, at most.</summary>
    public int MostRows => Math.Min(_most, positions) * layers;

    /// <summary>The positions of a piece: as many in each, or one more.</summary>
    public ImmutableArray<int> Positions(int piece)
    {
        int first = First(piece);
        return [.. Enumerable.Range(first, First(piece + 1) - first)];
    }

    /// <summary>What is read in them.</summary>
    public static LensRequest Request(ImmutableArray<HookPoint> points, ImmutableArray<int> positions) =>
        new() { Points = points, Positions = positions, TopK = TopK, Targets = [Target] };

    private int First(int piece) => (int)((long)piece * positions / Count);
}
