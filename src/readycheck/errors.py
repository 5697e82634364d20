"""What all errors have in common that end a command for a reason that its user can mend."""


class MendableError(Exception):
    """What the user can mend: one line that says where and what to do."""
