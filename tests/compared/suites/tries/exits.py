# Ends its process, and says that all is well.
import os

os._exit(0)
