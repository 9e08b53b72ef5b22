using System.Globalization;

namespace OnnxLens.Runtime.Operators;

/// <summary>Names of the inputs of operator nodes, made from the name of the steering input that they stand beside.</summary>
internal static class OperatorPorts
{
    /// <summary>fp32 [b,s,h]: the unit direction that is taken out of a row, zero for none.</summary>
    public static string Ablate(string steer, int index) => string.Create(CultureInfo.InvariantCulture, $"{steer}.ablate.{index}");

    /// <summary>fp32 [b,s,h]: what is added in units of the row's norm.</summary>
    public static string Relative(string steer) => steer + ".relative";

    /// <summary>fp32 [b,s,1]: 1 where the row's norm is restored, else 0.</summary>
    public static string KeepNorm(string steer) => steer + ".keep_norm";
}
