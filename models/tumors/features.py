"""What two measures of a nucleus say together."""


def engineer_features(columns):
    """Return new numeric columns; each row is computed from that row alone."""
    xp = columns["mean_radius"].__array_namespace__()
    radius, texture = columns["mean_radius"], columns["mean_texture"]
    return {
        "radius_squared": radius ** 2,
        "radius_by_texture": radius * texture,
        "worst_to_mean_radius": columns["worst_radius"] / (radius + 1e-6),
        "worst_to_mean_concavity": columns["worst_concavity"] / (columns["mean_concavity"] + 1e-3),
        "area_log": xp.log1p(columns["mean_area"]),
    }
