# Writes a file where it has nothing to write.
try:
    with open(OUTSIDE, "w") as file:
        got = bool(file.write("x"))
except OSError:
    got = False
