# Reads the file that the checks stand in.
try:
    with open(CHECKS, encoding="utf-8") as file:
        got = bool(file.read())
except OSError:
    got = False
