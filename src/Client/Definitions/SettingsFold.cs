using Krewe.Jobs;

namespace Krewe.Definitions;

/// <summary>The settings merged so far, while levels are laid on top of each other, weakest first.</summary>
internal struct SettingsFold
{
    private int? _maxRetries;
    private TimeSpan? _softTimeLimit;
    private TimeSpan? _timeLimit;
    private TimeSpan? _resultTtl;
    private bool? _ignoreResult;
    private Delivery? _delivery;
    private bool? _retryOnHardLimit;
    private Backoff? _backoff;
    private TimeSpan? _retryDelay;
    private TimeSpan? _maxRetryDelay;
    private Jitter? _jitter;
    private IReadOnlyList<string>? _retryOn;
    private IReadOnlyList<string>? _dontRetryOn;

    internal void Add(JobOptions? level)
    {
        if (level is null)
        {
            return;
        }

        AddLimits(level.SoftTimeLimit, level.TimeLimit);
        AddDelays(level.RetryDelay, level.MaxRetryDelay);
        _maxRetries = level.MaxRetries ?? _maxRetries;
        _resultTtl = level.ResultTtl ?? _resultTtl;
        _ignoreResult = level.IgnoreResult ?? _ignoreResult;
        _delivery = level.Delivery ?? _delivery;
        _retryOnHardLimit = level.RetryOnHardLimit ?? _retryOnHardLimit;
        _backoff = level.Backoff ?? _backoff;
        _jitter = level.Jitter ?? _jitter;
        _retryOn = level.RetryOn ?? _retryOn;
        _dontRetryOn = level.DontRetryOn ?? _dontRetryOn;
    }

    /// <summary>Lays what the call set on top; null where nothing differs from the built-in settings.</summary>
    internal JobSettings? Finish(JobSettings? perCall)
    {
        AddLimits(perCall?.SoftTimeLimit, perCall?.TimeLimit);
        var builtIn = JobSettings.Unset;
        var settings = new JobSettings
        {
            MaxRetries = Unless(perCall?.MaxRetries ?? _maxRetries, builtIn.EffectiveMaxRetries),
            Retry = Policy(perCall?.Retry),
            SoftTimeLimit = _softTimeLimit,
            TimeLimit = _timeLimit,
            ResultTtl = Unless(perCall?.ResultTtl ?? _resultTtl, builtIn.EffectiveResultTtl),
            IgnoreResult = Unless(perCall?.IgnoreResult ?? _ignoreResult, builtIn.EffectiveIgnoreResult),
            Delivery = Unless(perCall?.Delivery ?? _delivery, builtIn.EffectiveDelivery),
            RetryOnHardLimit = Unless(perCall?.RetryOnHardLimit ?? _retryOnHardLimit, builtIn.EffectiveRetryOnHardLimit),
        };
        return settings == builtIn ? null : settings;
    }

    private void AddLimits(TimeSpan? soft, TimeSpan? hard)
    {
        if (soft > hard)
        {
            throw new InvalidJobException(OptionChecks.SoftOverHard("", soft.Value, hard.Value));
        }

        _softTimeLimit = soft ?? _softTimeLimit;
        _timeLimit = hard ?? _timeLimit;

        // Past the hard limit nothing is left that a soft one could stop, whichever level it comes from.
        if (_softTimeLimit > _timeLimit)
        {
            _softTimeLimit = _timeLimit;
        }
    }

    private void AddDelays(TimeSpan? retryDelay, TimeSpan? maxRetryDelay)
    {
        _retryDelay = retryDelay ?? _retryDelay;
        _maxRetryDelay = maxRetryDelay ?? _maxRetryDelay;
        var (delay, cap) = (_retryDelay ?? JobSettings.DefaultRetry.Base, _maxRetryDelay ?? JobSettings.DefaultRetry.Cap);
        if (delay <= cap)
        {
            return;
        }

        if (maxRetryDelay is null && retryDelay is not null)
        {
            _maxRetryDelay = delay;
        }
        else
        {
            _retryDelay = cap;
        }
    }

    private readonly RetryPolicy? Policy(RetryPolicy? perCall)
    {
        if (perCall is null && (_backoff, _retryDelay, _maxRetryDelay, _jitter, _retryOn, _dontRetryOn) is (null, null, null, null, null, null))
        {
            return null;
        }

        var builtIn = JobSettings.DefaultRetry;
        var policy = perCall ?? new RetryPolicy
        {
            Kind = _backoff ?? builtIn.Kind,
            Base = _retryDelay ?? builtIn.Base,
            Cap = _maxRetryDelay ?? builtIn.Cap,
            Jitter = _jitter ?? builtIn.Jitter,
            RetryOn = _retryOn ?? builtIn.RetryOn,
            DontRetryOn = _dontRetryOn ?? builtIn.DontRetryOn,
        };
        var isBuiltIn = (policy.Kind, policy.Base, policy.Cap, policy.Jitter) == (builtIn.Kind, builtIn.Base, builtIn.Cap, builtIn.Jitter)
            && policy is { Delays.Count: 0, RetryOn.Count: 0, DontRetryOn.Count: 0 };
        return isBuiltIn ? null : policy;
    }

    private static T? Unless<T>(T? value, T builtIn)
        where T : struct => value is { } set && !EqualityComparer<T>.Default.Equals(set, builtIn) ? set : null;
}
