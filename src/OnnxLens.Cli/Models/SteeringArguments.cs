using System.Collections.Immutable;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>How a run is steered, as the command line says it.</summary>
/// <param name="Vectors">The vectors; empty steers nothing.</param>
/// <param name="Positions">The positions, as written.</param>
/// <param name="Operator">What is done with them.</param>
/// <param name="OtherModel">True: vectors that were made on other weights are applied too.</param>
internal sealed record SteeringArguments(ImmutableArray<VectorSelector> Vectors, string Positions, SteeringOperator Operator, bool OtherModel)
{
    /// <summary>Nothing is steered.</summary>
    public static SteeringArguments None { get; } = new([], SteeringPositions.Label.Text, SteeringOperator.Add, OtherModel: false);
}
