using OnnxLens.Bundles;

namespace OnnxLens.Runtime.Operators;

/// <summary>What the graph must be able to do at a hook point beyond adding: nodes that are put in when a model is opened.</summary>
/// <param name="Ablations">Directions of one row that can be taken out at once.</param>
/// <param name="Relative">True: vectors can be measured in the activation's norm.</param>
/// <param name="KeepsNorm">True: the norm can be restored.</param>
internal readonly record struct OperatorNeeds(int Ablations, bool Relative, bool KeepsNorm)
{
    /// <summary>What a list of operations needs, by hook point. Plain additions need nothing.</summary>
    public static Dictionary<HookPoint, OperatorNeeds> Of(IEnumerable<SteeringOperation> operations)
    {
        var needs = new Dictionary<HookPoint, OperatorNeeds>();
        foreach (SteeringOperation operation in operations)
        {
            if (operation.DependsOnActivation)
            {
                needs[operation.Point] = needs.GetValueOrDefault(operation.Point).With(operation);
            }
        }

        return needs;
    }

    /// <summary>True where these nodes can do what others are needed for.</summary>
    public bool Cover(OperatorNeeds others) =>
        Ablations >= others.Ablations && (Relative || !others.Relative) && (KeepsNorm || !others.KeepsNorm);

    private OperatorNeeds With(SteeringOperation operation) => operation.Operator == SteeringOperator.Ablate
        ? this with { Ablations = Ablations + 1 }
        : this with
        {
            Relative = Relative || operation.Unit == SteeringUnit.ActivationNorm,
            KeepsNorm = KeepsNorm || operation.Operator == SteeringOperator.AddKeepingNorm,
        };
}
