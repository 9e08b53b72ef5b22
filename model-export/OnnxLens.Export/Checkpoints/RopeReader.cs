using System.Globalization;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Checkpoints;

/// <summary>
/// Reads rotary embedding from a config: <c>rope_parameters</c> (transformers 5), or <c>rope_theta</c> with <c>rope_scaling</c> (transformers 4).
/// </summary>
internal static class RopeReader
{
    // What transformers takes for every family here when the config has no base (the first Llama configs).
    private const double DefaultTheta = 10_000;
    private const string FactorRange = "a number of at least 1";
    private const string PositiveRange = "a number above 0";

    /// <summary>Reads and checks.</summary>
    /// <exception cref="CheckpointException">A field is missing, out of range or contradicts another.</exception>
    /// <exception cref="UnsupportedArchitectureException">The kind of rotary embedding is not built.</exception>
    public static RopeSpec Read(JsonFields config)
    {
        RefusePartial(config);
        JsonFields? parameters = config.OptionalObject("rope_parameters");
        JsonFields? legacy = config.OptionalObject("rope_scaling");
        double? outer = Theta(config);
        double? inner = (parameters is null ? null : Theta(parameters)) ?? (legacy is null ? null : Theta(legacy));
        if (outer is not null && inner is not null && outer != inner)
        {
            throw new CheckpointException(
                $"{config.Where("rope_theta")} is {Text(outer)}, but the rotary parameters of the same file say {Text(inner)}. Remove the one that the model was not trained with.");
        }

        RopeScaling scaling = parameters is null ? new RopeScaling.None() : Scaling(parameters);
        if (legacy is not null)
        {
            RopeScaling fromLegacy = Scaling(legacy);
            if (parameters is not null && fromLegacy != scaling)
            {
                throw new CheckpointException(
                    $"{config.Where("rope_scaling")} and 'rope_parameters' contradict each other. Remove the one that the model was not trained with.");
            }

            scaling = fromLegacy;
        }

        return new RopeSpec(inner ?? outer ?? DefaultTheta, scaling);
    }

    private static double? Theta(JsonFields fields) =>
        fields.OptionalNumber("rope_theta", double.Epsilon, 1e15, PositiveRange);

    private static RopeScaling Scaling(JsonFields fields)
    {
        RefusePartial(fields);
        string? type = fields.OptionalString("rope_type") ?? fields.OptionalString("type");
        if (type is null && fields.Has("full_attention"))
        {
            throw new UnsupportedArchitectureException(
                $"{fields.Where("full_attention")} gives rotary parameters per kind of layer, which is not built; expected one set for all layers.");
        }

        return type switch
        {
            null when !fields.Has("factor") => new RopeScaling.None(),
            null => throw fields.Missing("rope_type", "one of 'default', 'linear', 'llama3'"),
            "default" => new RopeScaling.None(),
            "linear" => new RopeScaling.Linear(Factor(fields)),
            "llama3" => Llama3(fields),
            _ => throw new UnsupportedArchitectureException(
                $"{fields.Where("rope_type")} is '{type}', a rotary scaling that is not built; expected 'default', 'linear' or 'llama3'."),
        };
    }

    private static double Factor(JsonFields fields) => fields.Number("factor", 1, 1e9, FactorRange);

    private static RopeScaling.Llama3 Llama3(JsonFields fields)
    {
        double low = fields.Number("low_freq_factor", double.Epsilon, 1e9, PositiveRange);
        double high = fields.Number("high_freq_factor", double.Epsilon, 1e9, PositiveRange);
        return high > low
            ? new(Factor(fields), low, high, fields.Int("original_max_position_embeddings", 1, int.MaxValue))
            : throw new CheckpointException(
                $"{fields.Where("high_freq_factor")} is {Text(high)}; expected more than low_freq_factor, which is {Text(low)}. Give the config.json that belongs to the weights.");
    }

    private static string Text(double? number) => string.Create(CultureInfo.InvariantCulture, $"{number}");

    private static void RefusePartial(JsonFields fields)
    {
        double part = fields.OptionalNumber("partial_rotary_factor", 0, 1, "a number from 0 to 1") ?? 1;
        if (part != 1)
        {
            throw new UnsupportedArchitectureException(
                $"{fields.Where("partial_rotary_factor")} is {Text(part)}: rotating a part of each head is not built; expected 1.");
        }
    }
}
