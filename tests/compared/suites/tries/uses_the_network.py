# Opens a connection.
try:
    import socket

    socket.create_connection(("127.0.0.1", PORT), 2).close()
    got = True
except (OSError, ImportError):
    got = False
