using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Export.Genai;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;

namespace OnnxLens.Bench.Jobs;

/// <summary>The one graph of a folder for onnxruntime-genai in a session of its own. Owns the session.</summary>
internal sealed class PlainSession : IDisposable
{
    /// <param name="folder">The folder.</param>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="repacked">True: weights are repacked when they are loaded. All else is as in this program's sessions: threads that spin while they are idle would disturb whatever else is measured.</param>
    public PlainSession(string folder, ModelFacts facts, bool repacked)
    {
        Facts = facts;
        using var options = new SessionOptions { IntraOpNumThreads = ProcessorCores.Used, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        BenchSettings.Apply(options, repacked);
        Session = new InferenceSession(Path.Combine(folder, GenaiExporter.SingleFile), options);
    }

    /// <summary>The model's sizes.</summary>
    public ModelFacts Facts { get; }

    /// <summary>The session.</summary>
    public InferenceSession Session { get; }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
