"""Made-up people and applications to try the portal with, all of it done through the actions at earlier instants."""

from portal.demo.loading import load

__all__ = ["load"]
