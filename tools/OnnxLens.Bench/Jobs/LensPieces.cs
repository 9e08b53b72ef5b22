using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;

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

    /// <summary>More rows make no call faster per row.</summary>
    private const int RowsPerCall = 128;

    private readonly int _perPiece = Math.Max(1, RowsPerCall / layers);

    /// <summary>Number of pieces.</summary>
    public int Count => (positions + _perPiece - 1) / _perPiece;

    /// <summary>Rows of the largest piece.</summary>
    public int MostRows => Math.Min(_perPiece, positions) * layers;

    /// <summary>The positions of a piece.</summary>
    public ImmutableArray<int> Positions(int piece)
    {
        int first = piece * _perPiece;
        return [.. Enumerable.Range(first, Math.Min(_perPiece, positions - first))];
    }

    /// <summary>What is read in them.</summary>
    public static LensRequest Request(ImmutableArray<HookPoint> points, ImmutableArray<int> positions) =>
        new() { Points = points, Positions = positions, TopK = TopK, Targets = [Target] };
}
