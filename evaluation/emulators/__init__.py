"""Emulators: fast stand-ins for a slow model, which say how sure they are. Tables in, predictions out."""
