"""Industries: their tasks, features, decisions and words, a package for each."""
