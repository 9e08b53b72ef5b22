using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>A model that several ways run in turns: opened when the first takes it, closed when the last gives it back. One thread at a time.</summary>
/// <param name="open">Opens it.</param>
internal sealed class SharedModel(Func<LensModel> open)
{
    private LensModel? _model;
    private int _leases;

    /// <summary>Takes it. The caller disposes the lease, not the model.</summary>
    public ModelLease Take()
    {
        _model ??= open();
        _leases++;
        return new ModelLease(_model, GiveBack);
    }

    private void GiveBack()
    {
        if (--_leases == 0)
        {
            _model!.Dispose();
            _model = null;
        }
    }
}
