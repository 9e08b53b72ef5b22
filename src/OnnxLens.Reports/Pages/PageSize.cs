using System.Globalization;

namespace OnnxLens.Reports.Pages;

/// <summary>How much a page may hold so that browsers open it.</summary>
/// <remarks>
/// A browser takes each run as one text, and the longest text of Chromium has 2^29 letters. Numbers of <see cref="MaxBytes"/> make
/// 341 MiB of base64 where they do not pack at all, and with the longest header 427 MiB.
/// </remarks>
internal static class PageSize
{
    /// <summary>Bytes of numbers that all runs of a page hold together at most: 256 MiB.</summary>
    internal const long MaxBytes = 1L << 28;

    /// <summary>Bytes of a run's header at most: 64 MiB.</summary>
    internal const int MaxHeaderBytes = 1 << 26;

    /// <summary>Bytes of a run's text at most, with what gzip adds where nothing packs: 448 MiB.</summary>
    internal const int MaxTextBytes = 7 << 26;

    /// <summary>Refuses numbers that no browser would open.</summary>
    /// <param name="bytes">Bytes of numbers of all runs of the page.</param>
    /// <param name="remedy">What makes it smaller, as the end of a sentence that begins with "Ask for".</param>
    /// <exception cref="PageException">They are more than a page may hold.</exception>
    internal static void Require(long bytes, string remedy)
    {
        if (bytes > MaxBytes)
            throw new PageException(string.Create(CultureInfo.InvariantCulture, $"The page would hold {Mebibytes.Ceiling(bytes)} MiB of numbers, more than the {MaxBytes >> 20} MiB that browsers open. Ask for {remedy}, or leave --html out: tables may be of any size."));
    }
}
