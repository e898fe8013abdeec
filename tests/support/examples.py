"""How Hypothesis is asked: a busy machine is no fault of the portal, so no example is judged by the clock."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("house")
