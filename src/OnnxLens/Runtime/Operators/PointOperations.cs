using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime.Operators;

/// <summary>The operations at one hook point, by numbers in their list, sorted by the input that takes them.</summary>
/// <param name="Point">The hook point.</param>
/// <param name="Added">Those whose vector is added as it is.</param>
/// <param name="AddedByNorm">Those whose vector is added in units of the activation's norm.</param>
/// <param name="Ablated">Those whose direction is taken out.</param>
/// <param name="KeepingNorm">Those of the added ones after which the norm is restored.</param>
internal sealed record PointOperations(HookPoint Point, int[] Added, int[] AddedByNorm, int[] Ablated, int[] KeepingNorm)
{
    /// <summary>Sorts.</summary>
    public static PointOperations Of(HookPoint point, int[] numbers, ImmutableArray<SteeringOperation> operations)
    {
        return new PointOperations(
            point,
            Where(operation => operation is { Operator: not SteeringOperator.Ablate, Unit: SteeringUnit.Raw }),
            Where(operation => operation is { Operator: not SteeringOperator.Ablate, Unit: SteeringUnit.ActivationNorm }),
            Where(operation => operation.Operator == SteeringOperator.Ablate),
            Where(operation => operation.Operator == SteeringOperator.AddKeepingNorm));

        int[] Where(Func<SteeringOperation, bool> which) => [.. numbers.Where(i => which(operations[i]))];
    }
}
