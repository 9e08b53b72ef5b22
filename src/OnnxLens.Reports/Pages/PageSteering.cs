using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Runtime;

namespace OnnxLens.Reports.Pages;

/// <summary>The positions of a grid at which each steering operation of its provenance was applied.</summary>
internal static class PageSteering
{
    /// <summary>
    /// Writes an array with an entry for each operation, in their order: ranges <c>[first, last]</c> of the grid's positions, each a range
    /// of those without a gap; or null where the operation does not say positions in the form of <see cref="SteeringPositions"/>.
    /// </summary>
    internal static void Write(Utf8JsonWriter json, LensReport report)
    {
        int[] sequence = [.. report.Tokens.Select(token => token.Id)];
        int promptLength = report.Tokens.Count(token => token.Phase == TokenPhase.Prompt);
        json.WriteStartArray();
        foreach (SteeringRecord operation in report.Provenance.Steering)
        {
            if (Read(operation.Positions) is SteeringPositions positions)
                WriteRanges(json, positions.Among(report.Grid.Positions.AsSpan(), sequence, promptLength));
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <summary>A provenance is text: a caller of the library may have written anything.</summary>
    private static SteeringPositions? Read(string text)
    {
        try
        {
            return SteeringPositions.Parse(text);
        }
        catch (SelectionException)
        {
            return null;
        }
    }

    private static void WriteRanges(Utf8JsonWriter json, ImmutableArray<int> positions)
    {
        json.WriteStartArray();
        for (int first = 0, last; first < positions.Length; first = last + 1)
        {
            last = first;
            while (last + 1 < positions.Length && positions[last + 1] == positions[last] + 1)
                last++;
            json.WriteStartArray();
            json.WriteNumberValue(positions[first]);
            json.WriteNumberValue(positions[last]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
