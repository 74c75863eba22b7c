"""The course: everything specific to exercises. No code outside this folder names an exercise."""
