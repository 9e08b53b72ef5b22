using System.Numerics;

namespace OnnxLens.Testing;

/// <summary>The logit lens in double: final norm and unembedding of any residual row.</summary>
public sealed class ReferenceLens
{
    private readonly ReferenceNorm _finalNorm;
    private readonly ReferenceMatrix _unembedding;

    /// <summary>Creates the lens from the model's own final norm and unembedding [V, H].</summary>
    public ReferenceLens(ReferenceNorm finalNorm, ReferenceMatrix unembedding)
    {
        _finalNorm = finalNorm;
        _unembedding = unembedding;
    }

    /// <summary>What the LM head reads in a residual row of H values.</summary>
    public ReferenceReadout Read<T>(ReadOnlySpan<T> residual) where T : INumberBase<T>
    {
        double[] row = new double[residual.Length];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = double.CreateChecked(residual[i]);
        }

        return new ReferenceReadout(Unembed(FinalNorm(row)));
    }

    /// <summary>The final norm of a residual row, [H].</summary>
    public double[] FinalNorm(double[] residual) => _finalNorm.Of(residual);

    /// <summary>The logits of a row that is already normed, [V].</summary>
    public double[] Unembed(double[] normed) => _unembedding.Times(normed);
}
