using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Runtime;

namespace OnnxLens.Steering;

/// <summary>How strongly a vector is added.</summary>
/// <param name="Value">The factor; for <see cref="SteeringUnit.ActivationNorm"/> a fraction, 0.1 for <c>10%</c>. Finite; may be negative or zero.</param>
/// <param name="Unit">What it multiplies.</param>
public readonly record struct VectorStrength(double Value, SteeringUnit Unit)
{
    /// <summary>The vector as it is.</summary>
    public static VectorStrength One { get; } = new(1, SteeringUnit.Raw);

    /// <summary>Reads <c>1.5</c>, <c>-2</c> or <c>10%</c>.</summary>
    /// <exception cref="SelectionException">The text is no finite number.</exception>
    public static VectorStrength Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool relative = text.EndsWith('%');
        string number = relative ? text[..^1] : text;
        return double.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? relative ? new VectorStrength(value / 100, SteeringUnit.ActivationNorm) : new VectorStrength(value, SteeringUnit.Raw)
            : throw new SelectionException($"'{text}' is no strength of a vector. Write a finite number such as 1.5 or -2, or a share of the activation's norm such as 10%.");
    }

    /// <summary>A vector as it is applied: times the factor, or where the strength is a share of the activation's norm, its direction times that share.</summary>
    /// <param name="values">H values. Zero stays zero.</param>
    public ImmutableArray<float> Applied(ImmutableArray<float> values)
    {
        double norm = Unit == SteeringUnit.Raw ? 1 : EuclideanNorm.Of(values.AsSpan());
        double factor = norm == 0 ? 0 : Value / norm;
        return factor == 1 ? values : [.. values.Select(value => (float)(value * factor))];
    }

    /// <inheritdoc/>
    public override string ToString() => Unit == SteeringUnit.ActivationNorm
        ? string.Create(CultureInfo.InvariantCulture, $"{Value * 100}%")
        : Value.ToString(CultureInfo.InvariantCulture);
}
