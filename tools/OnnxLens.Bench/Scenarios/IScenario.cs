using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Scenarios;

/// <summary>One question that the benchmark answers with figures.</summary>
internal interface IScenario
{
    /// <summary>The name by which it is chosen.</summary>
    public string Name { get; }

    /// <summary>Measures.</summary>
    public IEnumerable<Figure> Run(BenchContext context);
}
