"""The learner's course folder, apart from a clone: begun by `init`, brought up to date by `update`."""
