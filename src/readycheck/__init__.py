"""readycheck: is this system ready for production?"""

__version__ = "0.1.0"
