using OnnxLens.Bundles;

namespace OnnxLens.Reports;

/// <summary>Values that tables write alike.</summary>
internal static class RowSinks
{
    /// <summary>The next value is a real number; null where undefined.</summary>
    internal static void Optional(this IRowSink sink, double? value) => sink.Real(value ?? double.NaN);

    /// <summary>The next value is an id or a rank; negative where undefined.</summary>
    internal static void Index(this IRowSink sink, int value) => sink.Whole(value < 0 ? null : value);

    /// <summary>The next two values are the site and layer of a hook point.</summary>
    internal static void Place(this IRowSink sink, HookPoint point)
    {
        sink.Text(point.Site.Name());
        sink.Whole(point.Layer);
    }
}
