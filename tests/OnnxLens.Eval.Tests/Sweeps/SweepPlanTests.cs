using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Eval.Tests.Sweeps;

[TestClass]
public sealed class SweepPlanTests
{
    private static readonly HookPoint First = new(Site.MlpIn, 1);
    private static readonly HookPoint Second = new(Site.ResidPost, 2);

    [TestMethod]
    [DataRow(new[] { -1.0, 0, 1 }, 6, 4)]
    [DataRow(new[] { -1.0, 1 }, 4, 4)]
    [DataRow(new[] { 0.0, 2 }, 4, 2)]
    public void Counts_ZeroMultiplier_IsAPointAndNoAddition(double[] multipliers, int points, int additions)
    {
        SweepPlan plan = Plan(Vector("a", First), Vector("a", Second)) with { Multipliers = [.. multipliers] };
        plan.Validate();
        Assert.AreEqual(points, plan.PointsPerSample);
        Assert.AreEqual(additions, plan.AdditionsPerSample);
    }

    [TestMethod]
    public void Validate_PlanThatCannotBeRun_SaysWhy()
    {
        Assert.Contains("has no vectors", Assert.ThrowsExactly<EvalException>(Plan().Validate).Message);
        Assert.Contains("has no vectors", Assert.ThrowsExactly<EvalException>((Plan() with { Vectors = default }).Validate).Message);
        Assert.Contains("at least two different ones", Assert.ThrowsExactly<EvalException>((Plan(Vector("a", First)) with { Multipliers = [1, 1] }).Validate).Message);
        Assert.Contains("called 'a' at 'mlp_in.1'", Assert.ThrowsExactly<EvalException>(Plan(Vector("a", First), Vector("a", Second), Vector("a", First)).Validate).Message);
    }

    [TestMethod]
    public void ModelOptions_RawVectors_NeedBranchesOnly()
    {
        LensModelOptions options = Plan(Vector("a", First)).ModelOptions(new LensModelOptions { Capture = [Second] });
        Assert.AreEqual(Branching.Shared, options.Branching);
        Assert.IsEmpty(options.Steer);
        Assert.AreSequenceEqual([Second], options.Capture.ToArray());
        Assert.AreEqual(Branching.Replicated, Plan(Vector("a", First)).ModelOptions(new LensModelOptions { Branching = Branching.Replicated }).Branching);
    }

    [TestMethod]
    public void ModelOptions_SharesOfTheNorm_NeedTheirNodesOncePerHookPoint()
    {
        LensModelOptions options = (Plan(Vector("a", First), Vector("b", First), Vector("a", Second)) with { Unit = SteeringUnit.ActivationNorm }).ModelOptions(new LensModelOptions());
        Assert.AreSequenceEqual([First, Second], options.Steer.Select(operation => operation.Point).ToArray());
        Assert.IsTrue(options.Steer.All(operation => operation.Unit == SteeringUnit.ActivationNorm));
    }

    private static SweepPlan Plan(params ImmutableArray<SweepVector> vectors) => new() { Vectors = vectors, Multipliers = MultiplierGrid.Default };

    private static SweepVector Vector(string name, HookPoint point) => new(name, point, [1, 2]);
}
