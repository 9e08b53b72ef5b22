namespace OnnxLens.Bench.Measuring;

/// <summary>What one job took in one repeat.</summary>
/// <param name="Samples">The steps measured of each phase, in the order of <see cref="Phase"/>.</param>
/// <param name="Seconds">Seconds of each phase, those of steps that were not measured included.</param>
internal sealed record PhaseTimes(IReadOnlyList<StepSample> Samples, IReadOnlyList<double> Seconds)
{
    /// <summary>Seconds of the whole job.</summary>
    public double Total => Seconds.Sum();

    /// <summary>Seconds of everything but the deferred lens.</summary>
    public double Generation => Total - this[Phase.Lens];

    /// <summary>Steps measured, where not all were; null where the whole job was run.</summary>
    public int? MeasuredSteps => Samples.All(sample => sample.IsWhole) ? null : Samples.Sum(sample => sample.Measured);

    /// <summary>Seconds of one phase.</summary>
    public double this[Phase phase] => Seconds[(int)phase];
}
