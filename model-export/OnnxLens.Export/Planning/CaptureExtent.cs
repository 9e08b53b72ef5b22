namespace OnnxLens.Export.Planning;

/// <summary>How many positions of a run are kept captured.</summary>
public enum CaptureExtent
{
    /// <summary>Every position, up to the planned length.</summary>
    Whole,

    /// <summary>At most <see cref="ExportPlan.CaptureWindow"/> positions: earlier ones are decoded and let go while the run goes on.</summary>
    Window,
}
