"""What a run leaves behind: its folder, and the object that Python callers hold."""
