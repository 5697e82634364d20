"""The observability stack: what collects, keeps and shows metrics, logs and traces, and what rings when they say so."""
