"""What readycheck asks of AWS: every call, and the permissions that they take."""
