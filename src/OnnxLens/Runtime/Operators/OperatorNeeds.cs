using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime.Operators;

/// <summary>What the graph must be able to do at a hook point beyond adding: nodes that are put in when a model is opened.</summary>
/// <param name="Ablations">Directions of one row that can be taken out at once.</param>
/// <param name="Relative">True: vectors can be measured in the activation's norm.</param>
/// <param name="KeepsNorm">True: the norm can be restored.</param>
internal readonly record struct OperatorNeeds(int Ablations, bool Relative, bool KeepsNorm)
{
    /// <summary>What a list of operations needs, by hook point. Plain additions need nothing.</summary>
    public static ImmutableDictionary<HookPoint, OperatorNeeds> Of(IEnumerable<SteeringOperation> operations) => operations
        .Where(operation => operation.DependsOnActivation)
        .GroupBy(operation => operation.Point)
        .ToImmutableDictionary(group => group.Key, group => new OperatorNeeds(
            group.Count(operation => operation.Operator == SteeringOperator.Ablate),
            group.Any(operation => operation.Unit == SteeringUnit.ActivationNorm && operation.Operator != SteeringOperator.Ablate),
            group.Any(operation => operation.Operator == SteeringOperator.AddKeepingNorm)));

    /// <summary>True where these nodes can do what others are needed for.</summary>
    public bool Cover(OperatorNeeds others) =>
        Ablations >= others.Ablations && (Relative || !others.Relative) && (KeepsNorm || !others.KeepsNorm);
}
