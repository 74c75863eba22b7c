"""The `watch` loop: reads saves and keys, has exercises graded and decides what to show."""
