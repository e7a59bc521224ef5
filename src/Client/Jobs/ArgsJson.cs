using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Krewe.Definitions;

namespace Krewe.Jobs;

/// <summary>Turns args into the UTF-8 JSON object that is stored, and refuses what a handler could not read back.</summary>
internal static class ArgsJson
{
    /// <exception cref="InvalidJobException">The args cannot be serialized, or not as an object.</exception>
    /// <exception cref="PayloadTooLargeException">They are over the limit.</exception>
    internal static byte[] Of(IJob job, JobDefinition definition, int maxBytes)
    {
        byte[] args;
        try
        {
            args = JsonSerializer.SerializeToUtf8Bytes(job, definition.JobType, KreweJson.Args);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Getters are users' code, so anything may come out of them.
            throw new InvalidJobException(
                $"Args of '{definition.Name}' must be serializable as JSON, got {exception.GetType().Name} at {PathOf(job, "$", 0)}: {exception.Message} Change that member, or mark it [JsonIgnore].", exception);
        }

        return args is [(byte)'{', ..]
            ? Fitting(args, maxBytes)
            : throw new InvalidJobException($"Args of '{definition.Name}' must be a JSON object, got another JSON value; a job must not be a collection or have a converter that makes it one.");
    }

    /// <summary>Normalizes a JSON object, so that equal args have equal bytes whatever their white space and escapes.</summary>
    /// <param name="jobName">The stable name.</param>
    /// <param name="args">What came.</param>
    /// <param name="definition">The job's definition where this process knows it: the args must then read as its type.</param>
    /// <param name="maxBytes">The limit.</param>
    /// <inheritdoc cref="Of(IJob, JobDefinition, int)"/>
    internal static byte[] Of(string jobName, JsonElement args, JobDefinition? definition, int maxBytes)
    {
        if (args.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidJobException($"Args of '{jobName}' must be a JSON object, got {args.ValueKind}; wrap the value in an object.");
        }

        try
        {
            var bytes = Fitting(JsonSerializer.SerializeToUtf8Bytes(args, KreweJson.Args), maxBytes);
            using (JsonDocument.Parse(bytes, KreweJson.Document))
            {
            }

            if (definition is not null)
            {
                JsonSerializer.Deserialize(bytes, definition.JobType, KreweJson.Args);
            }

            return bytes;
        }
        catch (Exception exception) when (exception is not KreweException and not OutOfMemoryException)
        {
            // Constructors and converters are users' code, so anything may come out of them.
            var (path, reason) = JsonFault.Of(exception);
            throw new InvalidJobException(
                $"Args of '{jobName}' do not fit at {path}: {reason} Send what the job's type reads, without repeated members or broken text, at most {KreweJson.MaxDepth} levels deep.", exception);
        }
    }

    private static byte[] Fitting(byte[] args, int maxBytes) => args.Length <= maxBytes ? args : throw new PayloadTooLargeException("Args", args.Length, maxBytes);

    /// <summary>The JSON path of the first member that does not serialize by itself. Some of the serializer's errors do not say it.</summary>
    private static string PathOf(object? value, string path, int depth)
    {
        if (value is null || depth > KreweJson.MaxDepth)
        {
            return path;
        }

        try
        {
            var type = KreweJson.Args.GetTypeInfo(value.GetType());
            return type.Kind switch
            {
                JsonTypeInfoKind.Object => PathOfMember(type, value, path, depth),
                JsonTypeInfoKind.Enumerable when value is IEnumerable items => PathOfItem(items, path, depth),
                _ => path,
            };
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return path;
        }
    }

    private static string PathOfMember(JsonTypeInfo type, object value, string path, int depth)
    {
        foreach (var member in type.Properties.Where(member => member.Get is not null))
        {
            var memberPath = $"{path}.{member.Name}";
            object? held;
            try
            {
                held = member.Get!(value);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return memberPath;
            }

            if (held is null ? !member.IsGetNullable : !IsSerializable(held))
            {
                return PathOf(held, memberPath, depth + 1);
            }
        }

        return path;
    }

    private static string PathOfItem(IEnumerable items, string path, int depth)
    {
        var index = 0;
        foreach (var item in items)
        {
            if (!IsSerializable(item))
            {
                return PathOf(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), depth + 1);
            }

            index++;
        }

        return path;
    }

    private static bool IsSerializable(object? value)
    {
        try
        {
            JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), KreweJson.Args);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }
}
