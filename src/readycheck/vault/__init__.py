"""Vault and OpenBao: what runs a server of either, how it is started, and where it keeps what it is given."""
