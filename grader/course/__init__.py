"""The course: all that knows an exercise. Nothing outside of this folder names one."""
