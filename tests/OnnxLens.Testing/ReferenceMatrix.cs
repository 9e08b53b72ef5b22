using System.Numerics.Tensors;

namespace OnnxLens.Testing;

/// <summary>A weight [out, in] in double, with the bias that may belong to it.</summary>
/// <param name="Rows">Out × in values: one array per output.</param>
/// <param name="Bias">One value per output, or null.</param>
public sealed record ReferenceMatrix(double[][] Rows, double[]? Bias = null)
{
    /// <summary>W x + b.</summary>
    public double[] Times(double[] x)
    {
        ArgumentNullException.ThrowIfNull(x);
        double[] y = new double[Rows.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = TensorPrimitives.Dot<double>(Rows[i], x) + (Bias is null ? 0 : Bias[i]);
        }

        return y;
    }
}
