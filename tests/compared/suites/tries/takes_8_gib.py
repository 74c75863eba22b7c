# Takes memory, and leaves it untouched: where nothing limits it, nobody suffers.
try:
    import mmap

    got = len(mmap.mmap(-1, 8 << 30)) > 0
except (OSError, MemoryError, ImportError):
    got = False
