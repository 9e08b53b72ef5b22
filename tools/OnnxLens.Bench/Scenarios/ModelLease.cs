using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>An opened model that a way runs, alone or in turns with others. Disposing gives it back, once.</summary>
/// <param name="model">The model. Borrows it.</param>
/// <param name="giveBack">Closes it where nobody else runs it.</param>
internal sealed class ModelLease(LensModel model, Action giveBack) : IDisposable
{
    private bool _disposed;

    /// <summary>The model.</summary>
    public LensModel Model { get; } = model;

    /// <summary>A model that nobody else runs: it is closed with the lease.</summary>
    public static ModelLease OfOne(LensModel model) => new(model, model.Dispose);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            giveBack();
        }
    }
}
