"""Calendar parts of a wall clock, in array API arithmetic, so that NumPy and the traced graph agree exactly."""

PARTS = ("year", "month", "day", "weekday", "hour", "minute")
DAY, ERA = 86400.0, 146097.0


def calendar_parts(name, seconds):
    """Return {name.year, .month, .day, .weekday (Monday 0), .hour, .minute} as float64, NaN where missing.

    seconds : float64 array of any shape, seconds since 1970-01-01 of the wall clock; NumPy or traced.
    Source: H. Hinnant, chrono-compatible low-level date algorithms, civil_from_days.
    """
    xp = seconds.__array_namespace__()
    days = xp.floor(seconds / DAY)
    clock = seconds - days * DAY
    year, month, day = _civil(xp, days)
    hour = xp.floor(clock / 3600.0)
    parts = {"year": year, "month": month, "day": day,
             "weekday": days + 3.0 - 7.0 * xp.floor((days + 3.0) / 7.0),
             "hour": hour, "minute": xp.floor((clock - hour * 3600.0) / 60.0)}
    return {f"{name}.{part}": parts[part] for part in PARTS}


def _civil(xp, days):
    """Return year, month and day of days since 1970-01-01 (proleptic Gregorian)."""
    shifted = days + 719468.0
    era = xp.floor(shifted / ERA)
    of_era = shifted - era * ERA
    year_of_era = xp.floor((of_era - xp.floor(of_era / 1460.0) + xp.floor(of_era / 36524.0)
                            - xp.floor(of_era / 146096.0)) / 365.0)
    of_year = of_era - (365.0 * year_of_era + xp.floor(year_of_era / 4.0) - xp.floor(year_of_era / 100.0))
    from_march = xp.floor((5.0 * of_year + 2.0) / 153.0)
    day = of_year - xp.floor((153.0 * from_march + 2.0) / 5.0) + 1.0
    month = xp.where(from_march < 10.0, from_march + 3.0, from_march - 9.0)
    year = year_of_era + era * 400.0 + xp.astype(month <= 2.0, xp.float64)
    return year, month, day
